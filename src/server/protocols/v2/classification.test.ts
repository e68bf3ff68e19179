import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { classify } from './classification.ts';

function told(tensor: Tensor, asked: { count: number; batched: boolean }): string[] {
  const { datatype, shape } = tensor;
  const { data } = classify({ name: 'y', datatype, shape }, tensor, asked);
  assert(data instanceof ByteStrings);
  return Array.from({ length: data.length }, (_, index) => data.at(index).toString());
}

/** Few values, so that many are equal; and all that have an order of their own. */
const value = fc.constantFrom(-Infinity, -1, -0, 0, 1, 2, 3, Infinity, Number.NaN);

test('what is told are the first of all that are sorted: descending, of equals the first, no numbers last', () => {
  const rows = fc.array(value, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 45 }), (row, count) => {
      const rank = (index: number): number => {
        const one = row[index] ?? 0;
        return Number.isNaN(one) ? -Number.MAX_VALUE : one;
      };
      const isNumber = (index: number): number => Number(!Number.isNaN(row[index]));
      const sorted = row
        .map((_, index) => index)
        .toSorted(
          (a, b) => isNumber(b) - isNumber(a) || (rank(a) === rank(b) ? a - b : rank(b) > rank(a) ? 1 : -1),
        );
      const tensor: Tensor = { datatype: 'FP64', shape: [1, row.length], data: Float64Array.from(row) };
      const indices = told(tensor, { count, batched: true }).map(text => Number(text.split(':')[1]));
      assert.deepEqual(indices, sorted.slice(0, count));
    }),
  );
});

test('each row has its own, exact to the last bit of 64', () => {
  const data = BigInt64Array.of(2n ** 63n - 2n, 2n ** 63n - 1n, 5n, -(2n ** 63n));
  const tensor: Tensor = { datatype: 'INT64', shape: [2, 2], data };
  assert.deepEqual(told(tensor, { count: 1, batched: true }), ['9223372036854775807:1', '5:0']);
  assert.deepEqual(told(tensor, { count: 1, batched: false }), ['9223372036854775807:1']);
});

test('more than can be told in reasonable time is refused, however it is spread over rows', () => {
  const tensor: Tensor = { datatype: 'UINT8', shape: [1000, 101], data: new Uint8Array(101_000) };
  assert.throws(() => told(tensor, { count: 101, batched: true }), {
    code: 'input_invalid',
    message: /'y': 1000 rows of 101 classes are more than 100000/,
  });
  assert.equal(told(tensor, { count: 100, batched: true }).length, 100_000);
});

for (const shape of [
  [0, 3],
  [3, 0],
])
  test(`of nothing, nothing is told: [${shape.join(', ')}]`, () => {
    const tensor: Tensor = { datatype: 'FP32', shape, data: new Float32Array(0) };
    assert.deepEqual(told(tensor, { count: 2, batched: true }), []);
  });
