import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { rawBytes } from '../../tensors/raw.ts';
import { allocate, type Datatype, datatypes, elementCount, type Tensor } from '../../tensors/tensor.ts';
import { type Frame, FrameReader, frameKinds, runFrame, textFrame } from './frames.ts';

const tensors = fc
  .record({
    datatype: fc.constantFrom<Datatype>(...datatypes),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    bytes: fc.uint8Array({ minLength: 512, maxLength: 512 }),
  })
  .map(({ datatype, shape, bytes }): Tensor => {
    const count = elementCount(shape);
    if (datatype === 'BYTES') {
      const data = ByteStrings.of(
        Array.from({ length: count }, (_, index) => bytes.subarray(index, index + (bytes[index] ?? 0))),
      );
      return { datatype, shape, data };
    }
    const data = allocate(datatype, count) as Uint8Array;
    const memory = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    memory.set(bytes.subarray(0, memory.length).map(byte => (datatype === 'BOOL' ? byte & 1 : byte)));
    return { datatype, shape, data };
  });

/** What a reader makes of bytes that arrive in pieces of some sizes, over and over. */
function read(bytes: Buffer, sizes: readonly number[], mostBytes = 2 ** 20): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader(mostBytes, frame => frames.push(frame));
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    reader.push(bytes.subarray(from, from + size));
    from += size;
  }
  return frames;
}

const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

test('tensors come back as they were sent, in whatever pieces they arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.array(tensors, { maxLength: 4 }), { maxLength: 3 }), sizes, (sent, pieces) => {
      const bytes = Buffer.concat(sent.flatMap(one => runFrame(frameKinds.ran, 7, one)));
      const got = read(bytes, pieces).map(frame => frame.tensors);
      const plain = (list: readonly Tensor[]) =>
        list.map(one => ({ ...one, data: rawBytes(one).toString('hex') }));
      assert.deepEqual(got.map(plain), sent.map(plain));
    }),
  );
});

test('text comes back, between tensors', () => {
  const bytes = Buffer.concat([
    ...textFrame(frameKinds.failed, 7, 'für'),
    ...runFrame(frameKinds.ran, 7, []),
    ...textFrame(frameKinds.loaded, 7, ''),
  ]);
  const kinds = read(bytes, [7]).map(({ kind, text }) => [kind, text]);
  assert.deepEqual(kinds, [
    [frameKinds.failed, 'für'],
    [frameKinds.ran, ''],
    [frameKinds.loaded, ''],
  ]);
});

test('numbers lie where they can be viewed: nothing is copied a second time', () => {
  const data = Float64Array.of(1, 2, 3);
  const [frame] = read(
    Buffer.concat(runFrame(frameKinds.ran, 7, [{ datatype: 'FP64', shape: [3], data }])),
    [9],
  );
  const [tensor] = frame?.tensors ?? [];
  assert(tensor?.data instanceof Float64Array);
  assert.equal(tensor.data.byteOffset % 16, 0);
  assert.deepEqual(tensor.data, data);
});

function prelude(kind: number, count: number, head: number, body: bigint): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(head, 8);
  bytes.writeBigUInt64LE(body, 16);
  return bytes;
}

const nonsense: readonly { name: string; bytes: Buffer; is: object }[] = [
  { name: 'a frame of more bytes than allowed', bytes: prelude(17, 1, 16, 2n ** 40n), is: RangeError },
  { name: 'more tensors than any model has', bytes: prelude(17, 2 ** 31, 16, 0n), is: RangeError },
  { name: 'a head beyond all tensors', bytes: prelude(17, 1, 2 ** 31, 0n), is: RangeError },
  {
    name: 'a datatype that there is not',
    bytes: Buffer.concat([prelude(17, 1, 16, 0n), Buffer.alloc(16, 99)]),
    is: RangeError,
  },
  {
    name: 'a head that ends within a tensor',
    bytes: Buffer.concat([prelude(17, 1, 8, 0n), Buffer.alloc(8)]),
    is: RangeError,
  },
  {
    name: 'a tensor beyond the body',
    bytes: Buffer.concat([
      prelude(17, 1, 24, 0n),
      Buffer.from('0a010000000000001000000000000000', 'hex'),
      Buffer.alloc(8, 4),
    ]),
    is: { code: 'input_invalid' },
  },
];

for (const { name, bytes, is } of nonsense) {
  test(`refuses ${name}`, () => {
    assert.throws(() => read(bytes, [100]), is as Error);
  });
}
