import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { pairedRatios, rotated, spreadOf } from './statistics.ts';

const cases = [
  { name: 'one value is its own median', values: [7], spread: { median: 7, min: 7, max: 7 } },
  { name: 'an odd count has a middle value', values: [9, 1, 5], spread: { median: 5, min: 1, max: 9 } },
  {
    name: 'an even count takes the mean of the middle two',
    values: [4, 1, 3, 2],
    spread: { median: 2.5, min: 1, max: 4 },
  },
  {
    name: 'numbers sort as numbers, not as text',
    values: [10, 9, 100],
    spread: { median: 10, min: 9, max: 100 },
  },
];

for (const { name, values, spread } of cases) {
  test(name, () => assert.deepEqual(spreadOf(values), spread));
}

test('nothing measured is an error, not a row of NaN', () => {
  assert.throws(() => spreadOf([]), RangeError);
});

test('half of the values lie on each side of the median', () => {
  // Beyond this the sum of two would overflow; no bench measures so much.
  const figure = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
  const values = fc.array(figure, { minLength: 1 });
  fc.assert(
    fc.property(values, list => {
      const { median, min, max } = spreadOf(list);
      const below = list.filter(value => value < median).length;
      const above = list.filter(value => value > median).length;
      return min <= median && median <= max && below <= list.length / 2 && above <= list.length / 2;
    }),
  );
});

test('ratios pair the rounds, so noise that both share cancels', () => {
  assert.deepEqual(pairedRatios([50, 100], [10, 20]), [5, 5]);
  assert.throws(() => pairedRatios([1, 2], [1]), RangeError);
});

test('rotation gives each entry each place once', () => {
  const orders = [0, 1, 2].map(round => rotated(['a', 'b', 'c'], round).join(''));
  assert.deepEqual(orders, ['abc', 'bca', 'cab']);
  assert.deepEqual(rotated(['a', 'b', 'c'], 4), ['b', 'c', 'a']);
});
