import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { gathered, signal } from '../../fixtures/layer-entries.ts';
import { BLOCK, storedSize } from '../../gzip/stored.ts';
import type { LayerTar } from './layer-tar.ts';
import { storedLayer } from './stored.ts';

/** Bytes that come in chunks of a size of their own. */
function tarOf(bytes: Uint8Array, chunk: number): LayerTar {
  const open = async function* (start: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  };
  return { size: bytes.length, sizes: new Map(), open };
}

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Around the ends of blocks, and anywhere. */
const sizes = fc.oneof(
  fc.constantFrom(1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1),
  fc.integer({ min: 1, max: 300_000 }),
);

test('what is stored is gzip of the same bytes, with the size and the digests that were told', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 500, max: 200_000 }), async (size, chunk) => {
      const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31) % 251);
      const { blob, diffId } = await storedLayer(tarOf(bytes, chunk), signal(), () => {});
      const packed = await gathered(blob.open(0, signal()));
      assert.ok(gunzipSync(packed).equals(bytes));
      assert.equal(packed.length, storedSize(size));
      assert.equal(blob.size, packed.length);
      assert.equal(blob.digest, sha256(packed));
      assert.equal(diffId, sha256(bytes));
    }),
    { numRuns: 60 },
  );
});

test('its bytes from any place on are the end of all of them', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (size, place) => {
      const { blob } = await storedLayer(tarOf(new Uint8Array(size).fill(7), 4096), signal(), () => {});
      const all = await gathered(blob.open(0, signal()));
      for (const start of [
        place % all.length,
        all.length - 1,
        all.length - 8,
        all.length - 9,
        all.length,
        9,
        10,
      ])
        assert.ok(all.subarray(start).equals(await gathered(blob.open(start, signal()))), `from ${start}`);
    }),
    { numRuns: 60 },
  );
});

test('it is the same bytes whatever the chunks are', async () => {
  const bytes = new Uint8Array(200_000).fill(3);
  const digests = await Promise.all(
    [1000, 65_535, 65_536, 200_000].map(
      async chunk => (await storedLayer(tarOf(bytes, chunk), signal(), () => {})).blob.digest,
    ),
  );
  assert.equal(new Set(digests).size, 1);
});
