import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decode, encode } from '../../protobuf/codec.ts';
import type { Encodable } from '../../protobuf/schema.ts';
import { DataType, TensorProto } from '../../protobuf/tensorflow.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { elementSizes, readRaw } from '../../tensors/raw.ts';
import { datatypes, elementCount, type Tensor, type TensorData } from '../../tensors/tensor.ts';
import { valuesOf } from '../fixtures/ask.ts';
import { Filling } from './filling.ts';
import { readTensorProto, tensorProto } from './tensor-proto.ts';

type Message = Encodable<typeof TensorProto>;

function read(bytes: Buffer): Tensor {
  return readTensorProto(decode(TensorProto, bytes), { name: 'x', at: ['x'], filling: new Filling() });
}

const data = (tensor: Tensor): TensorData | (string | undefined)[] =>
  tensor.data instanceof ByteStrings
    ? Array.from(tensor.data.starts, (_, index) => (tensor.data as ByteStrings).text(index))
    : tensor.data;

/** As TensorFlow 2.21 writes them: `tf.make_tensor_proto`, but for the last, which its `parse_tensor` reads so. */
const golden: readonly { name: string; hex: string; shape: number[]; data: unknown }[] = [
  { name: 'floats', hex: '080112041202080222080000c03f000000c0', shape: [2], data: Float32Array.of(1.5, -2) },
  { name: 'a float', hex: '080112002a040000c03f', shape: [], data: Float32Array.of(1.5) },
  {
    name: 'one float for a matrix',
    hex: '0801120812020802120208022a040000003f',
    shape: [2, 2],
    data: Float32Array.of(0.5, 0.5, 0.5, 0.5),
  },
  { name: 'a double', hex: '080212041202080132089a9999999999b93f', shape: [1], data: Float64Array.of(0.1) },
  { name: 'halves', hex: '08131204120208022204003c00c0', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
  { name: 'a half', hex: '081312006a02807c', shape: [], data: Uint16Array.of(0x3e00) },
  {
    name: 'a byte with a sign',
    hex: '08061204120208013a0affffffffffffffffff01',
    shape: [1],
    data: Int8Array.of(-1),
  },
  { name: 'bytes', hex: '080412081202080112020802220201ff', shape: [1, 2], data: Uint8Array.of(1, 255) },
  { name: 'booleans', hex: '080a1204120208025a020100', shape: [2], data: Uint8Array.of(1, 0) },
  {
    name: 'integers of 64 bits',
    hex: '080912041202080222100100000000002000ffffffffffffffff',
    shape: [2],
    data: BigInt64Array.of(2n ** 53n + 1n, -1n),
  },
  {
    name: 'the largest integer',
    hex: '08171204120208018a010affffffffffffffffff01',
    shape: [1],
    data: BigUint64Array.of(2n ** 64n - 1n),
  },
  {
    name: 'integers without a sign',
    hex: '08161204120208022208ffffffff01000000',
    shape: [2],
    data: Uint32Array.of(2 ** 32 - 1, 1),
  },
  { name: 'strings', hex: '0807120412020802420261624200', shape: [2], data: ['ab', ''] },
  { name: 'one string for two', hex: '080712041202080242026162', shape: [2], data: ['ab', 'ab'] },
  { name: 'nothing', hex: '08011206120012020803', shape: [0, 3], data: new Float32Array(0) },
  { name: 'no values for a shape', hex: '0801120412020802', shape: [2], data: new Float32Array(2) },
  { name: 'strings as a list of bytes', hex: '0807120412020802220402006162', shape: [2], data: ['ab', ''] },
];
for (const { name, hex, shape, data: expected } of golden) {
  test(`reads ${name} as TensorFlow writes it`, () => {
    const tensor = read(Buffer.from(hex, 'hex'));
    assert.deepEqual(tensor.shape, shape);
    assert.deepEqual(data(tensor), expected);
  });
}

test('the last of several values fills the rest, in every list', () => {
  const shape = { dim: [{ size: 3n }] };
  const filled = (message: Message): unknown =>
    data(read(encode(TensorProto, { ...message, tensor_shape: shape })));
  const { values } = DataType;
  assert.deepEqual(filled({ dtype: values.DT_INT8, int_val: [1, -2] }), Int8Array.of(1, -2, -2));
  assert.deepEqual(filled({ dtype: values.DT_INT64, int64_val: [1n, -2n] }), BigInt64Array.of(1n, -2n, -2n));
  assert.deepEqual(
    filled({ dtype: values.DT_HALF, half_val: [1, 65_535] }),
    Uint16Array.of(1, 65_535, 65_535),
  );
  assert.deepEqual(filled({ dtype: values.DT_BOOL, bool_val: Uint8Array.of(1) }), Uint8Array.of(1, 1, 1));
  assert.deepEqual(
    filled({ dtype: values.DT_STRING, string_val: ['a', 'b'].map(text => Buffer.from(text)) }),
    ['a', 'b', 'b'],
  );
  assert.deepEqual(filled({ dtype: values.DT_STRING }), ['', '', '']);
});

const { DT_FLOAT, DT_INT8, DT_UINT16, DT_HALF, DT_BOOL, DT_STRING, DT_INT32, DT_COMPLEX64 } = DataType.values;
const vector = (size: bigint): Message['tensor_shape'] => ({ dim: [{ size }] });
const refused: readonly { name: string; message: Message; says: RegExp }[] = [
  { name: 'no type', message: {}, says: /of type DT_INVALID/ },
  { name: 'a type that no model takes', message: { dtype: DT_COMPLEX64 }, says: /of type DT_COMPLEX64/ },
  { name: 'a reference', message: { dtype: 101 }, says: /of type DataType 101/ },
  {
    name: 'an unknown rank',
    message: { dtype: DT_FLOAT, tensor_shape: { unknown_rank: true } },
    says: /unknown rank/,
  },
  { name: 'a free size', message: { dtype: DT_FLOAT, tensor_shape: vector(-1n) }, says: /the size -1/ },
  {
    name: 'a size beyond all',
    message: { dtype: DT_FLOAT, tensor_shape: vector(2n ** 62n) },
    says: /no tensor has/,
  },
  {
    name: 'too many dimensions',
    message: { dtype: DT_FLOAT, tensor_shape: { dim: Array.from({ length: 101 }, () => ({ size: 1n })) } },
    says: /more than 100 dimensions/,
  },
  {
    name: 'more values than elements',
    message: { dtype: DT_FLOAT, tensor_shape: vector(2n), float_val: [1, 2, 3] },
    says: /has 3 values, and its shape \[2\] has 2 elements/,
  },
  {
    name: 'values in the list of another type',
    message: { dtype: DT_FLOAT, tensor_shape: vector(1n), double_val: [1] },
    says: /elements in float_val, so there must be none in double_val/,
  },
  {
    name: 'values beside the content',
    message: { dtype: DT_FLOAT, tensor_shape: vector(1n), float_val: [1], tensor_content: Buffer.alloc(4) },
    says: /elements in tensor_content, so there must be none in float_val/,
  },
  {
    name: 'content of another size',
    message: { dtype: DT_FLOAT, tensor_shape: vector(2n), tensor_content: Buffer.alloc(7) },
    says: /Expected 8, got 7/,
  },
  {
    name: 'a boolean of 2',
    message: { dtype: DT_BOOL, tensor_shape: vector(1n), tensor_content: Buffer.of(2) },
    says: /wants 0 or 1/,
  },
  {
    name: 'an integer out of range',
    message: { dtype: DT_INT8, tensor_shape: vector(1n), int_val: [128] },
    says: /fits INT8; element 0 is 128/,
  },
  {
    name: 'a negative integer without a sign',
    message: { dtype: DT_UINT16, tensor_shape: vector(1n), int_val: [-1] },
    says: /fits UINT16/,
  },
  {
    name: 'a half of 17 bits',
    message: { dtype: DT_HALF, tensor_shape: vector(1n), half_val: [65_536] },
    says: /fits FP16/,
  },
  ...[[0x80], [2, 0x61], [1, 0x61, 0x62], [0xff, 0xff, 0xff, 0xff, 0xff, 1]].map(bytes => ({
    name: `the list of strings [${bytes.join(' ')}]`,
    message: { dtype: DT_STRING, tensor_shape: vector(1n), tensor_content: Buffer.from(bytes) },
    says: /not as many strings as its shape \[1\]/,
  })),
  {
    name: 'more strings than there are bytes for',
    message: { dtype: DT_STRING, tensor_shape: vector(2n ** 40n), tensor_content: Buffer.alloc(9) },
    says: /not as many strings/,
  },
];
for (const { name, message, says } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(() => read(encode(TensorProto, message)), { code: 'input_invalid', message: says });
  });
}

const demands: readonly { name: string; message: Message }[] = [
  {
    name: 'one value more than there is room for',
    message: { dtype: DT_INT32, tensor_shape: vector(65_538n), int_val: [1] },
  },
  { name: 'a tensor larger than any memory', message: { dtype: DT_FLOAT, tensor_shape: vector(2n ** 50n) } },
  {
    name: 'a product that is no number',
    message: {
      dtype: DT_FLOAT,
      tensor_shape: { dim: Array.from({ length: 30 }, () => ({ size: 2n ** 50n })) },
    },
  },
  {
    name: 'a long string many times',
    message: { dtype: DT_STRING, tensor_shape: vector(10_000n), string_val: [Buffer.alloc(1000)] },
  },
];
for (const { name, message } of demands) {
  test(`does not fill in ${name}`, () => {
    assert.throws(() => read(encode(TensorProto, message)), {
      code: 'input_invalid',
      message: /more than 262144 bytes must be written out/,
    });
  });
}

test('what is filled in counts for all tensors of a request together', () => {
  const half = { dtype: DT_FLOAT, tensor_shape: vector(32n * 1024n) };
  const message = decode(TensorProto, encode(TensorProto, half));
  const reading = { name: 'x', at: ['x'], filling: new Filling() };
  readTensorProto(message, reading);
  readTensorProto(message, reading);
  assert.throws(() => readTensorProto(message, reading), /must be written out/);
});

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
const tensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...datatypes), shapes)
  .chain(([datatype, shape]): fc.Arbitrary<Tensor> => {
    const count = elementCount(shape);
    if (datatype === 'BYTES')
      return fc
        .array(fc.string(), { minLength: count, maxLength: count })
        .map(texts => ({ datatype, shape, data: ByteStrings.of(texts) }));
    const length = count * elementSizes[datatype];
    return fc
      .array(fc.integer({ min: 0, max: datatype === 'BOOL' ? 1 : 255 }), {
        minLength: length,
        maxLength: length,
      })
      .map(bytes => ({
        datatype,
        shape,
        data: readRaw(Buffer.from(bytes), { name: 'x', datatype, shape, at: [] }),
      }));
  });

test('what is written reads as the same tensor', () => {
  fc.assert(
    fc.property(tensors, tensor => {
      assert.deepEqual(valuesOf(read(encode(TensorProto, tensorProto(tensor)))), valuesOf(tensor));
    }),
  );
});

test('a tensor without elements is written without values', () => {
  const written = tensorProto({ datatype: 'FP32', shape: [0, 3], data: new Float32Array(0) });
  assert.equal(encode(TensorProto, written).toString('hex'), '08011206120012020803');
});

test('values are written in their lists, which clients without TensorFlow read', () => {
  const written = tensorProto({ datatype: 'UINT8', shape: [2], data: Uint8Array.of(1, 255) });
  const { int_val, tensor_content } = decode(TensorProto, encode(TensorProto, written));
  assert.deepEqual([...int_val], [1, 255]);
  assert.equal(tensor_content.length, 0);
});
