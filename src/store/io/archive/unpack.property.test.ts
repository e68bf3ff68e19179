/** Whatever an archive says: nothing but the folder changes, no link lies there, and it is unpacked or refused with a reason. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { TAR_END, type TarEntry, tarEntry, tarOf } from '../../fixtures/tar.ts';
import { placeIn } from '../../fixtures/unpacking.ts';
import { type ZipEntry, zipOf } from '../../fixtures/zip.ts';
import type { Unpacking } from '../../source.ts';

const NAMES = [
  'a',
  'b',
  'l',
  'models',
  'secret',
  '..',
  '.',
  '',
  '.wh.a',
  '.wh.models',
  '.wh..wh..opq',
  'A',
  'x\\y',
];
const name = fc.constantFrom(...NAMES);
const path = fc
  .tuple(
    fc.constantFrom('', '', '', '', '/', './', '../'),
    fc.array(name, { maxLength: 4 }),
    fc.constantFrom('', '', '/'),
  )
  .map(([start, names, end]) => start + names.join('/') + end);
const type = fc.constantFrom('0', '0', '0', '1', '2', '2', '5', '5', '3', '6', '7');
const entry: fc.Arbitrary<TarEntry> = fc.record({
  name: path,
  type,
  target: path,
  body: fc.constantFrom('', 'x', 'y'),
});
/** More of these are unpacked whole than of those with any name. */
const tameEntry: fc.Arbitrary<TarEntry> = fc.record({
  name: fc
    .array(fc.constantFrom('a', 'b', 'models'), { minLength: 1, maxLength: 3 })
    .map(names => names.join('/')),
  type: fc.constantFrom('0', '1', '2', '5'),
  target: fc
    .array(fc.constantFrom('a', 'b', '..', 'models'), { minLength: 1, maxLength: 3 })
    .map(names => names.join('/')),
  body: fc.constantFrom('', 'x'),
});
const unpacking: fc.Arbitrary<Unpacking> = fc.record(
  { format: fc.constant('tar' as const), isLayer: fc.boolean(), below: fc.constantFrom('models', 'a/b') },
  { requiredKeys: ['format'] },
);

/** Unpacks some archives over one another. True where all of them could be. */
async function unpackAll(archives: readonly (readonly [Uint8Array, Unpacking])[]): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-unpack-'));
  try {
    const place = await placeIn(folder);
    for (const [archive, how] of archives) {
      const error = await place.unpack(archive, how, { files: 200, bytes: 10_000 }).catch(reason => reason);
      await place.contents();
      if (error === undefined) continue;
      assert.equal(error.code, 'archive_invalid', error.stack);
      return false;
    }
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('whatever entries tar files have, nothing outside changes', async () => {
  const archive = fc.tuple(
    fc.array(fc.oneof(entry, tameEntry), { maxLength: 8 }).map(entries => tarOf(...entries)),
    unpacking,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(archive, { minLength: 1, maxLength: 3 }), async archives => {
      await unpackAll(archives);
    }),
    { numRuns: 300 },
  );
});

test('tar files of folders, files and links are often unpacked, and then hold no link', async () => {
  let whole = 0;
  const archive = fc.tuple(
    fc.array(tameEntry, { maxLength: 6 }).map(entries => tarOf(...entries)),
    unpacking,
  );
  await fc.assert(
    fc.asyncProperty(fc.array(archive, { minLength: 1, maxLength: 2 }), async archives => {
      if (await unpackAll(archives)) whole++;
    }),
    { numRuns: 200 },
  );
  assert.ok(whole > 20, `only ${whole} of 200 were unpacked: the property says little`);
});

test('whatever entries zip files have, nothing outside changes', async () => {
  const zipEntry: fc.Arbitrary<ZipEntry> = fc.record(
    {
      name: path,
      body: fc.oneof(path, fc.constant('x')),
      mode: fc.constantFrom(0o100644, 0o120777, 0o040755, 0o010644),
      method: fc.constantFrom(0, 8),
    },
    { requiredKeys: ['name', 'body'] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(zipEntry, { maxLength: 6 }),
      fc.constantFrom(undefined, 'models'),
      async (entries, below) => {
        await unpackAll([[zipOf(entries), { format: 'zip', ...(below !== undefined && { below }) }]]);
      },
    ),
    { numRuns: 200 },
  );
});

test('an archive with any bytes changed is unpacked or refused', async () => {
  const whole = {
    tar: Buffer.concat([
      tarEntry({ name: 'a/b', body: 'x' }),
      tarEntry({ name: 'l', type: '2', target: 'a/b' }),
      TAR_END,
    ]),
    zip: zipOf([
      { name: 'a/b', body: 'x'.repeat(20), method: 8 },
      { name: 'l', body: 'a/b', mode: 0o120777 },
    ]),
  };
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('tar' as const, 'zip' as const),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (format, changes) => {
        const archive = Buffer.from(whole[format]);
        for (const [at, byte] of changes) archive[at % archive.length] = byte;
        await unpackAll([[archive, { format }]]);
      },
    ),
    { numRuns: 300 },
  );
});
