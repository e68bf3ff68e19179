/**
 * Bills of materials put before the tools of SPDX themselves, a checker of NTIA's minimum elements, and a reader of package URLs:
 * that of the digits example, and one with every kind of package and names of every kind.
 *
 *   node scripts/run.mjs test/image/sbom/run.ts [--may-skip]
 *
 * `--may-skip` makes it no failure that Python or the tools cannot be had. Where FAIRLEAD_TEST_REGISTRY names a registry, the example
 * stands on the real base there, and else on one that is made up.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { sbomOf } from '../../../src/image/bom/sbom.ts';
import { anyImage, builtImage } from '../../../src/image/fixtures/built-image.ts';
import { jsonBytes } from '../../../src/image/oci/json.ts';
import { codeOf, environment } from '../../differential/peers/python.ts';
import { basedRegistry } from '../based-registry.ts';
import { type Installed, install } from '../installed.ts';
import { attached } from './attached.ts';

const MOST_MS = 120_000;
const STRANGE = 40;

const closing: (() => unknown)[] = [];
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  for (const close of closing) await close();
}

/** The exit code. */
async function run(): Promise<number> {
  const { program } = environment('sbom', '../image/sbom/requirements.txt');
  const fairlead = install();
  closing.push(() => fairlead.remove());
  const write = (name: string, document: object | Uint8Array): string => {
    const path = join(fairlead.folder, `${name}.spdx.json`);
    writeFileSync(path, document instanceof Uint8Array ? document : jsonBytes(document));
    return path;
  };
  const digits = await digitsSbom(fairlead);
  const made = documentOf(builtImage());
  const strange = fc
    .sample(anyImage, { numRuns: STRANGE, seed: 1 })
    .map((image, at) => write(`strange-${at}`, documentOf(image)));
  const sound = [write('digits', digits), write('made-up', made), ...strange];
  const faults = Object.entries(faultsOf(made)).map(([name, one]) => write(name, one));
  const found = checked(program, [...sound, ...faults]);
  for (const [at, path] of sound.entries())
    assert.deepEqual(
      found[at]?.filter(one => !isOfEmpty(one, path)),
      [],
      path,
    );
  for (const [at, path] of faults.entries())
    assert.notDeepEqual(found[sound.length + at], [], `nothing is found in ${path}`);
  const { length } = (JSON.parse(Buffer.from(digits).toString()) as { packages: unknown[] }).packages;
  process.stdout.write(
    `SPDX: ${sound.length} documents, that of digits with ${length} packages, and nothing to say; ${faults.length} planted faults found\n`,
  );
  return 0;
}

/** What has no name or version has none in a document either. */
function isOfEmpty(problem: string, path: string): boolean {
  return path.includes('strange') && /^ntia: it lacks (?:names|versions)$/.test(problem);
}

function documentOf(image: Parameters<typeof sbomOf>[0]): object {
  return sbomOf(image, { epoch: 0, tool: { name: 'fairlead', version: '0.1.0' } });
}

/** What the tools say of each. */
function checked(program: string, paths: readonly string[]): readonly (readonly string[])[] {
  const { status, stdout, stderr } = spawnSync(program, [join(import.meta.dirname, 'check.py'), ...paths], {
    encoding: 'utf8',
    timeout: MOST_MS,
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as string[][];
}

/** Built as a user builds it, and read out of what was written. */
async function digitsSbom(fairlead: Installed): Promise<Uint8Array> {
  const registry = process.env['FAIRLEAD_TEST_REGISTRY'];
  const base =
    registry === undefined
      ? (await basedRegistry({ after: close => void closing.push(close) })).base
      : `${registry}/library/node:24-bookworm-slim`;
  const layout = join(fairlead.folder, 'home', 'layout');
  const args = ['image', 'build', join(fairlead.folder, 'digits'), '--base', base, '--oci-layout', layout];
  const { code, stderr } = await fairlead.run(args);
  assert.equal(code, 0, stderr);
  return attached(layout, 'application/spdx+json');
}

/** A check that finds nothing may have looked at nothing. */
function faultsOf(document: object): Readonly<Record<string, object>> {
  const text = JSON.stringify(document);
  const changed = (from: string | RegExp, to: string): object => {
    const other = text.replace(from, to);
    assert.notEqual(other, text, String(from));
    return JSON.parse(other) as object;
  };
  return {
    'a licence that nobody knows': changed('"licenseDeclared":"MIT"', '"licenseDeclared":"No-Such-1.0"'),
    'an identifier of no package': changed(
      /"relatedSpdxElement":"[^"]+"/,
      '"relatedSpdxElement":"SPDXRef-none"',
    ),
    'a digest that is none': changed('1'.repeat(64), '1'.repeat(63)),
    'an author that is left out': changed(/"creators":\[[^\]]+\]/, '"creators":[]'),
    'a package URL of another version': changed('pkg:pypi/numpy@2.1.0', 'pkg:pypi/numpy@2.1.1'),
    'a package without a version': changed('"versionInfo":"2.1.0",', ''),
  };
}
