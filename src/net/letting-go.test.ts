import assert from 'node:assert/strict';
import test from 'node:test';
import { markAsUntransferable } from 'node:worker_threads';
import { letGo } from './letting-go.ts';

test('memory of its own is empty at once', () => {
  const bytes = Buffer.allocUnsafeSlow(100_000);
  letGo(bytes);
  assert.equal(bytes.length, 0);
});

const guarded = Buffer.allocUnsafeSlow(100_000);
markAsUntransferable(guarded.buffer);

for (const { name, bytes } of [
  { name: 'a part of something larger', bytes: Buffer.allocUnsafeSlow(100_000).subarray(1) },
  { name: 'a little', bytes: Buffer.allocUnsafeSlow(100) },
  { name: 'memory that threads share', bytes: new Uint8Array(new SharedArrayBuffer(100_000)) },
  { name: 'memory that must not move', bytes: guarded },
])
  test(`${name} stays`, () => {
    const { length } = bytes;
    letGo(bytes);
    assert.equal(bytes.length, length);
  });
