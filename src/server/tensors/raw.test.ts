import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from './byte-strings.ts';
import { elementSizes, rawBytes, readRaw } from './raw.ts';
import { type Datatype, datatypes, elementCount } from './tensor.ts';

test('a shape with a 0 has no elements, whatever its other sizes multiply to', () => {
  assert.equal(elementCount([...Array.from({ length: 30 }, () => 2 ** 53 - 1), 0, 2]), 0);
});

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

function read(bytes: Buffer, datatype: Datatype, shape: readonly number[]) {
  return readRaw(bytes, { name: 'x', datatype, shape, at: [] });
}

for (const datatype of datatypes.filter(one => one !== 'BYTES')) {
  test(`any bytes of ${datatype} come back as they are, wherever in memory they begin`, () => {
    const cases = shapes.chain(shape => {
      const length = elementCount(shape) * elementSizes[datatype];
      const byte = fc.integer({ min: 0, max: datatype === 'BOOL' ? 1 : 255 });
      return fc.record({
        shape: fc.constant(shape),
        bytes: fc.array(byte, { minLength: length, maxLength: length }),
        offset: fc.integer({ min: 0, max: 8 }),
      });
    });
    fc.assert(
      fc.property(cases, ({ shape, bytes, offset }) => {
        const memory = Buffer.concat([Buffer.alloc(offset), Buffer.from(bytes)]).subarray(offset);
        const data = read(memory, datatype, shape);
        assert.equal(data.length, elementCount(shape));
        assert.deepEqual([...rawBytes({ datatype, shape, data })], bytes);
      }),
    );
  });
}

for (const datatype of ['FP16', 'FP32', 'FP64'] as const) {
  test(`${datatype} lies where sums come out the same, wherever in a message it came`, () => {
    const size = elementSizes[datatype];
    const memory = Buffer.alloc(64, 1);
    for (let offset = 0; offset < 16; offset++) {
      const data = read(memory.subarray(offset, offset + 2 * size), datatype, [2]);
      assert(!(data instanceof ByteStrings));
      assert.equal(data.byteOffset % 16, 0, `at ${offset}`);
    }
  });
}

test('strings of any bytes come back as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 6 }), elements => {
      const shape = [elements.length];
      const bytes = rawBytes({ datatype: 'BYTES', shape, data: ByteStrings.of(elements) });
      const data = read(bytes, 'BYTES', shape);
      assert(data instanceof ByteStrings);
      assert.deepEqual(
        elements.map((_, index) => [...data.at(index)]),
        elements.map(element => [...element]),
      );
      assert.deepEqual(rawBytes({ datatype: 'BYTES', shape, data }), bytes);
    }),
  );
});

const ab = Buffer.from('02000000616200000000', 'hex');
const wrong: readonly { name: string; datatype: Datatype; shape: number[]; bytes: Buffer; says: RegExp }[] = [
  {
    name: 'too few bytes',
    datatype: 'INT32',
    shape: [1, 16],
    bytes: Buffer.alloc(60),
    says: /byte size mismatch.*Expected 64, got 60/,
  },
  {
    name: 'a shape beyond 2^64',
    datatype: 'FP32',
    shape: [16, 2 ** 60],
    bytes: Buffer.alloc(128),
    says: /exceeds/,
  },
  { name: 'a BOOL of 2', datatype: 'BOOL', shape: [2], bytes: Buffer.from([1, 2]), says: /element 1 is 2/ },
  {
    name: 'a string longer than the rest',
    datatype: 'BYTES',
    shape: [1],
    bytes: Buffer.from('ffffffff61626364', 'hex'),
    says: /incomplete/,
  },
  {
    name: 'half a length',
    datatype: 'BYTES',
    shape: [2],
    bytes: Buffer.concat([ab.subarray(0, 6), Buffer.alloc(2)]),
    says: /incomplete/,
  },
  {
    name: 'bytes behind the last string',
    datatype: 'BYTES',
    shape: [2],
    bytes: Buffer.concat([ab, Buffer.alloc(3)]),
    says: /unexpected number/,
  },
  { name: 'a string too few', datatype: 'BYTES', shape: [3], bytes: ab, says: /expected 3 string elements/ },
  { name: 'a string too many', datatype: 'BYTES', shape: [1], bytes: ab, says: /unexpected number/ },
  { name: 'more strings than memory', datatype: 'BYTES', shape: [2 ** 40], bytes: ab, says: /cannot hold/ },
];
for (const { name, datatype, shape, bytes, says } of wrong) {
  test(`refuses ${name}`, () => {
    assert.throws(() => read(bytes, datatype, shape), { code: 'input_invalid', message: says });
  });
}
