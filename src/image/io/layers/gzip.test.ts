import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { gathered } from '../../fixtures/layer-entries.ts';
import { gzipped } from './gzip.ts';

async function* chunks(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

test('what is packed is unpacked again, and its header tells no time, name or system', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2000 })), async all => {
      const packed = await gathered(gzipped(chunks(...all)));
      assert.ok(gunzipSync(packed).equals(Buffer.concat(all)));
      // RFC 1952 §2.3: magic, deflate, no flags, no time; then what level it was, and an unknown system.
      assert.equal(packed.toString('hex', 0, 8), '1f8b080000000000');
      assert.equal(packed[9], 255);
    }),
    { numRuns: 30 },
  );
});

test('the pieces that bytes come in make no difference', async () => {
  const bytes = Buffer.alloc(5_000_000).map((_, at) => (at * at) % 251);
  const whole = await gathered(gzipped(chunks(bytes)));
  const pieces = Array.from({ length: 500 }, (_, at) => bytes.subarray(at * 10_000, (at + 1) * 10_000));
  assert.ok(whole.equals(await gathered(gzipped(chunks(...pieces)))));
  assert.ok(gunzipSync(whole).equals(bytes));
});

test('what goes wrong with the bytes is told as it is', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000);
    throw new Error('the disk died');
  }
  await assert.rejects(gathered(gzipped(failing())), /the disk died/);
});

test('who stops reading lets go of what is packed', async () => {
  const ended = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; ; at++)
        yield Buffer.from(Array.from({ length: 10_000 }, (_, byte) => (at * byte * byte) % 251));
    } finally {
      ended.resolve();
    }
  }
  for await (const _ of gzipped(endless())) break;
  await ended.promise;
});
