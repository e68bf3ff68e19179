import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constantAnswer, digitsExpected, faultOf, parseReference } from './answers.ts';

const answer = [0.9, 0.1, 0, 0];
const expected = { row: [1], answer };

const cases = [
  { name: 'the right answer has no fault', got: answer, fault: undefined },
  {
    name: 'a difference of 32-bit arithmetic is no fault',
    got: [0.90008, 0.1, 0, 0],
    fault: undefined,
  },
  { name: 'a larger difference is a fault', got: [0.9002, 0.1, 0, 0], fault: /off by 0.000/ },
  { name: 'a missing value is a fault', got: [0.9, 0.1, 0], fault: /3 values where 4 were due/ },
  { name: 'what is no number is a fault', got: [0.9, 0.1, 0, Number.NaN], fault: /off by NaN/ },
];

for (const { name, got, fault } of cases) {
  test(name, () => {
    const found = faultOf(got, expected);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(String(found), fault);
  });
}

test('the reference gives each row its answer, of the second version', () => {
  const text = JSON.stringify({ pixels: [[1], [2]], '1': {}, '2': { probabilities: [[3], [4]] } });
  assert.deepEqual(parseReference(text), [
    { row: [1], answer: [3] },
    { row: [2], answer: [4] },
  ]);
});

test('the row that the load sends is checked first, and the floor answers it', () => {
  const [first] = digitsExpected();
  const { predictions } = JSON.parse(constantAnswer()) as { predictions: number[][] };
  assert.deepEqual(predictions, [first?.answer.map(Math.fround)]);
});
