import assert from 'node:assert/strict';
import test from 'node:test';
import { agrees, difference } from './compare.ts';
import type { RawTensor } from './tensor.ts';

function floats(...values: readonly number[]): RawTensor {
  return tensor({ raw: Buffer.from(Float32Array.from(values).buffer), shape: [values.length] });
}

function tensor(parts: Partial<RawTensor>): RawTensor {
  return { name: 'y', datatype: 'FP32', shape: [1], raw: Buffer.alloc(4), ...parts };
}

const nan = tensor({ raw: Buffer.from('0000c07f', 'hex') });
const otherNan = tensor({ raw: Buffer.from('0100c0ff', 'hex') });

const differences: readonly { what: string; actual: readonly RawTensor[]; says: RegExp }[] = [
  { what: 'a last bit', actual: [floats(0, 1.0000001192092896)], says: /^y: element 1 is 1\.0000001/ },
  { what: 'the sign of a zero', actual: [floats(-0, 1)], says: /^y: element 0 is 0 instead of 0/ },
  { what: 'a shape', actual: [{ ...floats(0, 1), shape: [2, 1] }], says: /shape \[2,1\] instead of \[2\]/ },
  {
    what: 'a datatype',
    actual: [{ ...floats(0, 1), datatype: 'INT32' }],
    says: /INT32 instead of FP32/,
  },
  { what: 'a name', actual: [{ ...floats(0, 1), name: 'z' }], says: /outputs z instead of y/ },
  { what: 'an output too many', actual: [floats(0, 1), floats(2)], says: /outputs y,y instead of y/ },
  { what: 'an output too few', actual: [], says: /outputs {2}instead of y/ },
];
for (const { what, actual, says } of differences) {
  test(`${what} makes a difference`, () => {
    assert.match(difference([floats(0, 1)], actual, () => 'values') ?? '', says);
  });
}

test('what is the same makes none', () => {
  assert.equal(
    difference([floats(0, -0, 7)], [floats(0, -0, 7)], () => 'bits'),
    undefined,
  );
});

test('the bits of a NaN count only where they are carried over', () => {
  assert.equal(
    difference([nan], [otherNan], () => 'values'),
    undefined,
  );
  assert.match(difference([nan], [otherNan], () => 'bits') ?? '', /NaNs of other bits/);
});

test('a reference is met nearly, and infinities and NaNs exactly', () => {
  assert(agrees([floats(1000, Infinity, Number.NaN)], [floats(1000.5, Infinity, Number.NaN)]));
  assert(!agrees([floats(1000)], [floats(1002)]));
  assert(!agrees([floats(Infinity)], [floats(3e38)]));
  assert(!agrees([floats(Number.NaN)], [floats(0)]));
  assert(!agrees([floats(0)], []));
});
