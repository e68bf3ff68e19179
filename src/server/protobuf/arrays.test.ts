import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AppError } from '#base';
import { decode, encode } from './codec.ts';
import { InferTensorContents } from './oip-infer.ts';
import { MOST_PARTS } from './reader.ts';
import { message } from './schema.ts';

/** Repeated numbers as single fields: what a writer does that does not pack. */
const Unpacked = message('test.Unpacked', {
  bool_contents: [1, 'bool'],
  int_contents: [2, 'int32'],
  int64_contents: [3, 'int64'],
  uint_contents: [4, 'uint32'],
  uint64_contents: [5, 'uint64'],
  fp32_contents: [6, 'float'],
  fp64_contents: [7, 'double'],
});

type Element = number | bigint;
type Name = Exclude<keyof (typeof InferTensorContents)['fields'], 'bytes_contents'>;

const arrays: Readonly<Record<Name, fc.Arbitrary<ArrayLike<Element>>>> = {
  bool_contents: fc.uint8Array({ max: 1 }),
  int_contents: fc.int32Array(),
  int64_contents: fc.bigInt64Array(),
  uint_contents: fc.uint32Array(),
  uint64_contents: fc.bigUint64Array(),
  fp32_contents: fc.float32Array({ noNaN: true }),
  fp64_contents: fc.float64Array(),
};

/** Cuts an array into parts, each packed or not. */
function inParts(name: Name, elements: readonly Element[], cuts: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  let rest = elements;
  for (const cut of [...cuts, elements.length]) {
    const part = rest.slice(0, Math.abs(cut));
    rest = rest.slice(part.length);
    parts.push(cut < 0 ? unpacked(name, part) : encode(InferTensorContents, { [name]: part }));
  }
  return Buffer.concat(parts);
}

/** With the zeros that a field of its own leaves out. */
function unpacked(name: Name, elements: readonly Element[]): Buffer {
  const zero = { bool_contents: '0800', int_contents: '1000', int64_contents: '1800', uint_contents: '2000' };
  const zeros = {
    ...zero,
    uint64_contents: '2800',
    fp32_contents: '3500000000',
    fp64_contents: `39${'0'.repeat(16)}`,
  };
  const fields = elements.map(element => {
    const value = name === 'bool_contents' ? element === 1 : element;
    const bytes = encode(Unpacked, { [name]: value });
    return bytes.length === 0 ? Buffer.from(zeros[name], 'hex') : bytes;
  });
  return Buffer.concat(fields);
}

for (const [name, array] of Object.entries(arrays) as [Name, fc.Arbitrary<ArrayLike<Element>>][]) {
  test(`${name} are read alike, packed or not, in any number of parts`, () => {
    fc.assert(
      fc.property(array, fc.array(fc.integer({ min: -4, max: 4 })), (elements, cuts) => {
        const bytes = inParts(name, Array.from(elements), cuts);
        assert.deepEqual(decode(InferTensorContents, bytes)[name], elements);
      }),
    );
  });
}

test('an array that came whole has just the memory it needs', () => {
  const bytes = encode(InferTensorContents, { fp32_contents: [1, 2, 3] });
  const { fp32_contents: array } = decode(InferTensorContents, bytes);
  assert.equal(array.buffer.byteLength, 12);
});

test('an array in very many parts is read in one go over the bytes', () => {
  // Were each part to copy those before it, this would copy 80 GB.
  const part = encode(InferTensorContents, { fp32_contents: [1] });
  const other = encode(InferTensorContents, { int_contents: [1] });
  const count = 200_000;
  const bytes = Buffer.alloc(count * (part.length + other.length), Buffer.concat([part, other]));
  const { fp32_contents, int_contents } = decode(InferTensorContents, bytes);
  assert.equal(fp32_contents.length, count);
  assert.equal(int_contents.length, count);
  assert(fp32_contents.buffer.byteLength <= 8 * count);
});

test('the parts of an array are bounded, packed or not', () => {
  for (const alternating of ['1001 1801', '120101 1a0101']) {
    const two = Buffer.from(alternating.replaceAll(' ', ''), 'hex');
    const bytes = Buffer.alloc((MOST_PARTS / 2) * two.length, two);
    assert.equal(decode(InferTensorContents, bytes).int_contents.length, MOST_PARTS / 2);
    const more = Buffer.concat([bytes, two]);
    assert.throws(() => decode(InferTensorContents, more), /has more than 1000000 parts/);
  }
});

const malformed: readonly { name: string; bytes: string; problem: RegExp }[] = [
  { name: '2^31 among int32', bytes: '12 06 01 8080808008', problem: /does not fit 32 bits/ },
  { name: '2^31 among int32, unpacked', bytes: '10 8080808008', problem: /does not fit 32 bits/ },
  { name: '-2^31 - 1 among int32', bytes: '12 0a ffffffff f7ffffffff01', problem: /does not fit 32 bits/ },
  { name: '2^32 among uint32', bytes: '22 05 8080808010', problem: /does not fit 32 bits/ },
  { name: '-1 among uint32', bytes: '22 0a ffffffffffffffffff01', problem: /does not fit 32 bits/ },
  { name: 'a last number that does not end', bytes: '12 02 01 80 1a 00', problem: /cut short/ },
  { name: 'half a float', bytes: '32 06 000000000000', problem: /fp32_contents is not of whole numbers/ },
  { name: 'more floats than there are bytes', bytes: '32 8080808001', problem: /longer than what holds it/ },
  { name: 'a run that is cut', bytes: '35 00000000 35 0000', problem: /cut short/ },
  { name: 'a double among floats', bytes: '31 0000000000000000', problem: /wire type 1, not 5/ },
  { name: 'eleven bytes among int64', bytes: '1a 0b 8080808080808080808001', problem: /more than 64 bits/ },
];

for (const { name, bytes, problem } of malformed) {
  test(`${name}: malformed`, () => {
    const input = Buffer.from(bytes.replaceAll(' ', ''), 'hex');
    assert.throws(
      () => decode(InferTensorContents, input),
      error => error instanceof AppError && error.code === 'message_malformed' && problem.test(error.message),
    );
  });
}

test('arrays are written from lists of numbers as well', () => {
  const lists = {
    int_contents: [1, -1],
    int64_contents: [1n, -1n],
    fp32_contents: [0.5],
    fp64_contents: [0.25],
  };
  assert.deepEqual(
    encode(InferTensorContents, lists),
    encode(InferTensorContents, {
      int_contents: Int32Array.from(lists.int_contents),
      int64_contents: BigInt64Array.from(lists.int64_contents),
      fp32_contents: Float32Array.from(lists.fp32_contents),
      fp64_contents: Float64Array.from(lists.fp64_contents),
    }),
  );
});
