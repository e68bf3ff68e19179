import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from './byte-strings.ts';
import { fromHalf, toHalf } from './half.ts';
import { measureTensor } from './measure.ts';
import { doubleText, exactInteger, floatText, readDouble } from './number-text.ts';
import { Scanner } from './scanner.ts';
import { allocate, type Datatype, datatypes, elementCount, type TensorData } from './tensor.ts';
import { readTensor } from './text-reader.ts';
import { flatText, nestedText } from './text-writer.ts';

const integers: Partial<Record<Datatype, [bigint, bigint]>> = {
  UINT8: [0n, 255n],
  UINT16: [0n, 65_535n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
  INT8: [-128n, 127n],
  INT16: [-32_768n, 32_767n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Any element of a datatype, as its array holds it, the extremes often. */
function elements(datatype: Datatype): fc.Arbitrary<number | bigint | string> {
  const range = integers[datatype];
  if (range !== undefined) {
    const [min, max] = range;
    const value = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n));
    return datatype.endsWith('64') ? value : value.map(Number);
  }
  if (datatype === 'BYTES')
    return fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a\0b', '"\\/', 'é😀', '[1,2]'));
  if (datatype === 'BOOL') return fc.constantFrom(0, 1);
  if (datatype === 'FP16')
    return fc
      .integer({ min: 0, max: 65_535 })
      .filter(half => !Number.isNaN(fromHalf(half)) || half === 0x7e00);
  return datatype === 'FP32' ? fc.float() : fc.double();
}

function read(text: string, datatype: Datatype): TensorData {
  const scanner = new Scanner(Buffer.from(text));
  const measured = measureTensor(scanner);
  scanner.end();
  return readTensor(scanner.bytes, measured, { datatype, at: [], name: 'x' });
}

function put(data: TensorData, index: number, value: number | bigint | string): void {
  if (data instanceof ByteStrings) data.set(index, value as string);
  else (data as { [index: number]: number | bigint })[index] = value as number;
}

function bits(data: TensorData): unknown {
  return data instanceof ByteStrings
    ? Array.from(data.starts, (_, index) => data.text(index))
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

for (const datatype of datatypes) {
  test(`${datatype} comes back from its text bit by bit, nested or flat`, () => {
    const shape = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 });
    const tensor = shape.chain(sizes => {
      const length = elementCount(sizes);
      return fc
        .array(elements(datatype), { minLength: length, maxLength: length })
        .map(values => ({ sizes, values }));
    });
    fc.assert(
      fc.property(tensor, ({ sizes, values }) => {
        const data = allocate(datatype, values.length);
        for (const [index, value] of values.entries()) put(data, index, value);
        const whole = { datatype, shape: sizes, data };
        assert.deepEqual(bits(read(flatText(whole), datatype)), bits(data));
        assert.deepEqual(bits(read(nestedText(whole), datatype)), bits(data));
      }),
    );
  });
}

test('the nesting of a text is its shape', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), shape => {
      const data = new Int8Array(elementCount(shape));
      const measured = measureTensor(new Scanner(Buffer.from(nestedText({ datatype: 'INT8', shape, data }))));
      assert.deepEqual(measured.shape, shape);
      assert.equal(measured.count, data.length);
      assert.equal(measured.ragged, undefined);
    }),
  );
});

const ragged = ['[[1],[1,2]]', '[1,[2]]', '[[1],2]', '[[[1]],[1]]', '[[],[1]]', '[[1,2],[[3,4]]]'];
/** An empty list says nothing of the level that elements stand on, but that it is below its own. */
const raggedByNothing = ['[[],1]', '[[],[],1]', '[[[]],1]', '[[[],1]]'];
for (const text of [...ragged, ...raggedByNothing]) {
  test(`${text} is no shape`, () => {
    assert.notEqual(measureTensor(new Scanner(Buffer.from(text))).ragged, undefined);
  });
}

test('reads every double as the engine does', () => {
  const decimal = fc.tuple(
    fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    fc.integer({ min: -330, max: 320 }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ noNaN: true }).map(doubleText),
        decimal.map(([digits, exponent]) => `${digits}e${exponent}`),
      ),
      text => {
        assert(Object.is(readDouble(Buffer.from(`${text},`), 0), Number(text)), text);
      },
    ),
    { numRuns: 3000 },
  );
});

test('integers about 2^53 are read exactly, one by one', () => {
  for (let offset = -100n; offset <= 100n; offset++) {
    const value = 2n ** 53n + offset;
    assert.equal((read(`[${value}]`, 'INT64') as BigInt64Array)[0], value);
    assert.equal((read(`[-${value}.0]`, 'INT64') as BigInt64Array)[0], -value);
    assert.equal((read(`[${value}]`, 'FP64') as Float64Array)[0], Number(value));
  }
});

test('a float32 is written in at most nine digits, or as the exact integer it is', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), value => {
      assert(Object.is(Math.fround(Number(floatText(value))), value));
      const digits = floatText(value)
        .replace(/e.*/, '')
        .replace(/\D/g, '')
        .replace(/^0+/, '')
        .replace(/0+$/, '');
      assert(Number.isSafeInteger(value) || digits.length <= 9, floatText(value));
    }),
  );
});

const texts: readonly [number, string][] = [
  [0.1, '0.1'],
  [1, '1.0'],
  [-0, '-0.0'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [999_999_936, '999999936.0'],
  [2 ** 30, '1073741824.0'],
  [2 ** 60, '1152921500000000000.0'],
  [2 ** 100, '1.2676506e+30'],
  [3.4e38, '3.4e+38'],
  [-3.402_823_466e38, '-3.4028235e+38'],
];
for (const [value, text] of texts) {
  test(`writes ${text}`, () => assert.equal(floatText(Math.fround(value)), text));
}

test('all 65,536 halves survive, NaNs as one', () => {
  for (let half = 0; half < 65_536; half++) {
    const value = fromHalf(half);
    assert.equal(toHalf(value), Number.isNaN(value) ? 0x7e00 : half);
  }
});

test('a half is the nearest one, ties to even', () => {
  fc.assert(
    fc.property(fc.double({ min: -65519, max: 65519, noNaN: true }), value => {
      const near = toHalf(value);
      const error = Math.abs(fromHalf(near) - value);
      for (const other of [near - 1, near + 1]
        .map(bitsOf => fromHalf(bitsOf & 0xffff))
        .filter(Number.isFinite)) {
        assert(error <= Math.abs(other - value), `${value}`);
      }
    }),
  );
});

const exact: readonly [string, bigint | undefined][] = [
  ['9007199254740993', 9007199254740993n],
  ['1.0', 1n],
  ['-0', 0n],
  ['1e3', 1000n],
  ['1.50e1', 15n],
  ['1200e-2', 12n],
  ['1.5', undefined],
  ['1e-1', undefined],
  ['1e999999999', undefined],
  ['NaN', undefined],
];
for (const [text, value] of exact) {
  test(`the integer in ${text} is ${value}`, () => assert.equal(exactInteger(text), value));
}

const millionZeros = '0'.repeat(1_000_000);
const long: readonly { name: string; text: string; value: bigint | undefined }[] = [
  { name: 'a million zeros between two digits', text: `1${millionZeros}1`, value: undefined },
  { name: 'a million zeros before the last decimal', text: `1.${millionZeros}1`, value: undefined },
  { name: 'a million zeros behind the point', text: `-12.${millionZeros}`, value: -12n },
  {
    name: 'a million zeros and an exponent that takes them back',
    text: `3${millionZeros}e-999999`,
    value: 30n,
  },
  { name: 'a million leading decimals', text: `0.${millionZeros}5e1000001`, value: 5n },
  { name: 'an exponent of a million digits', text: `1e${millionZeros}2`, value: 100n },
];
for (const { name, text, value } of long) {
  test(`${name} is read in one walk`, () => assert.equal(exactInteger(text), value));
}

test('an integer is what its digits, point and exponent make, whichever way it is written', () => {
  const written = fc.tuple(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.nat(12), fc.nat(12));
  fc.assert(
    fc.property(written, ([value, shift, zeros]) => {
      const digits = `${value < 0n ? -value : value}`.padStart(shift + 1, '0') + '0'.repeat(zeros);
      const point = digits.length - zeros - shift;
      const text = `${value < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}0e${shift}`;
      assert.equal(exactInteger(text), value, text);
    }),
  );
});

const refused: readonly [Datatype, string][] = [
  ['INT32', '[1.5]'],
  ['INT32', '["1"]'],
  ['INT32', '[true]'],
  ['INT32', '[null]'],
  ['INT32', '[{}]'],
  ['INT32', '[2147483648]'],
  ['INT32', '[1.00000000000000000001]'],
  ['UINT8', '[256]'],
  ['UINT8', '[-1]'],
  ['INT8', '[128]'],
  ['INT64', '[9223372036854775808]'],
  ['UINT64', '[18446744073709551616]'],
  ['UINT64', '[-1]'],
  ['BOOL', '[1]'],
  ['BOOL', '["true"]'],
  ['FP32', '[1e39]'],
  ['FP32', '["x"]'],
  ['FP64', '[1e400]'],
  ['FP16', '[65520]'],
  ['BYTES', '[1]'],
  ['BYTES', '["\\ud800"]'],
  ['BYTES', '[NaN]'],
];
for (const [datatype, text] of refused) {
  test(`${datatype} refuses ${text}, naming the element`, () => {
    assert.throws(() => read(text, datatype), /input 'x' wants .*; element \[0\] is /);
  });
}

test('a wrong element deep in a nest is named by its indices', () => {
  assert.throws(() => read('[[1,2],[3,"no"]]', 'FP32'), /element \[1,1\] is "no"/);
});
