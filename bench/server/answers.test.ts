import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, parseReference, predictionsIn } from './answers.ts';

const one = [0.9, 0.1, 0, 0, 0, 0, 0, 0, 0, 0];
const other = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
const expected = parseReference(
  JSON.stringify({
    pixels: [[1], [2]],
    '1': { ignored: true },
    '2': { class: [0, 2], probabilities: [one, other] },
  }),
);
const reply = (...predictions: number[][]): number[][] => predictions;

const cases = [
  { name: 'the right answers have no fault', body: reply(one, other), rows: [0, 1], fault: undefined },
  {
    name: 'a difference of 32-bit arithmetic is no fault',
    body: reply(one.map(value => value + 9e-6)),
    rows: [0],
    fault: undefined,
  },
  { name: 'a missing row is a fault', body: reply(one), rows: [0, 1], fault: /1 answers to 2 rows/ },
  {
    name: 'rows in another order are a fault',
    body: reply(other, one),
    rows: [0, 1],
    fault: /row 0 is off by 1/,
  },
  {
    name: 'a larger difference is a fault',
    body: reply(one.map(value => value + 2e-5)),
    rows: [0],
    fault: /row 0 is off/,
  },
];

for (const { name, body, rows, fault } of cases) {
  test(name, () => {
    const found = faultOf(body, rows, expected);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(String(found), fault);
  });
}

test('an answer of another shape is refused', () => {
  assert.throws(() => predictionsIn('{"predictions":[[1]]}'));
  const body = JSON.stringify({ predictions: [one], model_version: '2', prediction_time: 0.001 });
  assert.deepEqual(predictionsIn(body), [one]);
});
