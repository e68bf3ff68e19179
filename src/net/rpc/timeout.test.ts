import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseRpcTimeout } from './timeout.ts';

for (const [text, ms] of [
  ['1H', 3_600_000],
  ['99999999H', 359_999_996_400_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['250m', 250],
  ['0m', 0],
  ['1500u', 1.5],
  ['1n', 1e-6],
  ['00000001S', 1000],
] as const) {
  test(`'${text}' is ${ms} ms`, () => assert.equal(parseRpcTimeout(text), ms));
}

for (const text of [
  '',
  'S',
  '1',
  '1s',
  '1h',
  '-1S',
  '+1S',
  '1.5S',
  ' 1S',
  '1S ',
  '1S, 1S',
  '000000001S',
  '1SS',
  '１S',
]) {
  test(`'${text}' is no timeout`, () => assert.equal(parseRpcTimeout(text), undefined));
}

test('whatever the text, there is a finite number of milliseconds or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,9}[HMSmunx]?$/)), text => {
      const ms = parseRpcTimeout(text);
      assert.equal(ms !== undefined, /^\d{1,8}[HMSmun]$/.test(text) && text.length <= 9);
      if (ms !== undefined) assert.ok(Number.isFinite(ms) && ms >= 0);
    }),
  );
});
