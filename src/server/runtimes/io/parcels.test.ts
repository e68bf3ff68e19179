/** What moves to another thread, and what is copied: sent through a channel, as to one. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { packed, unpacked } from './parcels.ts';

const MIB = 2 ** 20;

function sent(tensors: readonly Tensor[]): { arrived: readonly Tensor[]; moved: number; bytes: number } {
  const { tensors: value, transfer } = packed(tensors);
  const bytes = transfer.reduce((sum, buffer) => sum + (buffer as ArrayBuffer).byteLength, 0);
  const arrived = unpacked(structuredClone(value, { transfer: transfer as ArrayBuffer[] }));
  return { arrived, moved: transfer.length, bytes };
}

const floats = (data: Float32Array): Tensor => ({ datatype: 'FP32', shape: [data.length], data });
const elements = (tensor: Tensor | undefined): unknown[] => Array.from(tensor?.data as Float32Array);
const texts = (tensor: Tensor | undefined): (string | undefined)[] => {
  const data = tensor?.data as ByteStrings;
  return Array.from({ length: data.length }, (_, index) => data.text(index));
};

test('memory of its own moves, and is empty here from then on', () => {
  const data = Float32Array.of(1, 2, 3);
  assert.deepEqual(elements(sent([floats(data)]).arrived[0]), [1, 2, 3]);
  assert.equal(data.length, 0);
});

test('a small part of large memory is copied alone, and what it is a part of stays', () => {
  const large = new Float32Array(4 * MIB).fill(7);
  const { arrived, bytes } = sent([floats(large.subarray(8, 10))]);
  assert.deepEqual(elements(arrived[0]), [7, 7]);
  assert.equal(bytes, 8);
  assert.equal(large.length, 4 * MIB);
});

test('a part of what a socket read is copied, as the rest may be another client’s', () => {
  const read = Buffer.allocUnsafeSlow(65_536).fill(0);
  const { bytes } = sent([floats(new Float32Array(read.buffer, 256, 16_000))]);
  assert.equal(bytes, 64_000);
  assert.equal(read.length, 65_536);
});

test('tensors that take most of a large message move with it, once', () => {
  const message = Buffer.allocUnsafeSlow(4 * MIB + 1024).fill(0);
  const part = (at: number): Tensor => floats(new Float32Array(message.buffer, at, MIB / 2).fill(at));
  const { arrived, moved, bytes } = sent([part(1024), part(1024 + 2 * MIB)]);
  assert.deepEqual([moved, bytes], [1, 4 * MIB + 1024]);
  assert.deepEqual(
    arrived.map(({ data }) => data[(MIB / 2 - 1) as never]),
    [1024, 1024 + 2 * MIB],
  );
  assert.equal(message.length, 0);
});

test("Node's pool never moves", () => {
  const pooled = Buffer.from([1, 2, 3]);
  const { arrived } = sent([{ datatype: 'UINT8', shape: [3], data: pooled }]);
  assert.deepEqual(elements(arrived[0]), [1, 2, 3]);
  assert.deepEqual([...pooled], [1, 2, 3]);
  assert.equal(arrived[0]?.data instanceof ByteStrings ? 0 : arrived[0]?.data.buffer.byteLength, 3);
});

test('shared memory is copied', () => {
  const data = new Float32Array(new SharedArrayBuffer(8));
  data.set([1, 2]);
  assert.deepEqual(elements(sent([floats(data as Float32Array)]).arrived[0]), [1, 2]);
  assert.equal(data.length, 2);
});

test('one tensor given twice arrives twice', () => {
  const tensor = floats(Float32Array.of(1, 2));
  assert.deepEqual(sent([tensor, tensor]).arrived.map(elements), [
    [1, 2],
    [1, 2],
  ]);
});

test('a few strings out of many take only their own bytes along', () => {
  const many = ByteStrings.of(Array.from({ length: 10_000 }, (_, index) => `text ${index}`));
  const few: Tensor = { datatype: 'BYTES', shape: [2], data: many.subarray(5000, 5002) };
  const { arrived, bytes } = sent([few]);
  assert.deepEqual(texts(arrived[0]), ['text 5000', 'text 5001']);
  assert(bytes < 100, `${bytes} bytes`);
  assert.equal(many.text(4999), 'text 4999');
});

test('strings arrive as they were, wherever they stand in their memory', () => {
  const slices = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 20 });
  fc.assert(
    fc.property(slices, fc.boolean(), (pairs, own) => {
      const bytes = own ? Buffer.allocUnsafeSlow(40) : Buffer.allocUnsafe(40);
      bytes.forEach((_, index) => (bytes[index] = index));
      const starts = Uint32Array.from(pairs, pair => Math.min(...pair));
      const ends = Uint32Array.from(pairs, pair => Math.max(...pair));
      const data = new ByteStrings(bytes, starts, ends);
      const before = pairs.map((_, index) => data.at(index).toString('hex'));
      const arrived = sent([{ datatype: 'BYTES', shape: [pairs.length], data }]).arrived[0]
        ?.data as ByteStrings;
      assert.deepEqual(
        pairs.map((_, index) => arrived.at(index).toString('hex')),
        before,
      );
    }),
  );
});
