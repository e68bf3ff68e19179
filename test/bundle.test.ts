/** What the program loads, and when: the libraries of clouds are megabytes that most starts have no use for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Metafile } from 'esbuild';
import { bundle, loadedWith } from '../scripts/bundle.ts';
import { root } from './source.ts';

const SOURCES = 'src/store/io/sources.ts';

/** Whose libraries only a model of theirs may load, or a verb once it speaks to a cluster. */
const CLOUDS =
  /^@aws-sdk\/|^@smithy\/|^@azure\/|^@typespec\/|^google-auth-library$|^gaxios$|^apache-arrow$|^@kubernetes\/|^openid-client$|^js-yaml$/;

let metafile: Metafile | undefined;
const bundled = async (): Promise<Metafile> =>
  (metafile ??= await bundle(root, undefined, { sources: SOURCES }));

/** What begins a chunk of its own in our code: the entries, and what an `import()` names. */
async function starts(): Promise<string[]> {
  const { outputs } = await bundled();
  return Object.values(outputs).flatMap(({ entryPoint }) =>
    entryPoint?.startsWith('src/') ? [entryPoint] : [],
  );
}

test('a start loads no library of a cloud, nor does any verb', async () => {
  const others = (await starts()).filter(entry => !entry.startsWith('src/store/io/sources/'));
  assert.ok(others.includes('src/cli/main.ts') && others.length > 5, others.join(', '));
  for (const entry of others)
    assert.deepEqual(
      loadedWith(entry, await bundled()).filter(name => CLOUDS.test(name)),
      [],
      entry,
    );
});

const own: readonly (readonly [source: string, loads: string, not: RegExp])[] = [
  ['s3', '@aws-sdk/client-s3', /^@azure\/|^google/],
  // Identities are asked for only where there is no key and no signature, and their library is as large again.
  ['az', '@azure/storage-blob', /^@aws-sdk\/|^google|^@azure\/(?:identity|msal)/],
];

for (const [source, loads, not] of own)
  test(`${source}:// loads its own library alone`, async () => {
    const packages = loadedWith(`src/store/io/sources/${source}.ts`, await bundled());
    assert.ok(packages.includes(loads), packages.join(', '));
    assert.deepEqual(
      packages.filter(name => not.test(name)),
      [],
    );
  });
