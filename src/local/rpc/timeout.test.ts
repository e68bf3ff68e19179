import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatRpcTimeout } from './timeout.ts';

for (const [ms, text] of [
  [-5, '1m'],
  [0, '1m'],
  [0.2, '1m'],
  [1500, '1500m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [100_000_001, '100001S'],
  [99_999_999_001, '1666667M'],
  [1e20, '99999999H'],
] as const) {
  test(`${ms} ms go on as ${text}`, () => assert.equal(formatRpcTimeout(ms), text));
}

test('it is never less than what is left, and little more', () => {
  const scales: Readonly<Record<string, number>> = { m: 1, S: 1000, M: 60_000, H: 3_600_000 };
  fc.assert(
    fc.property(fc.double({ min: 1, max: 3e14, noNaN: true }), ms => {
      const [, digits, unit = ''] = /^([0-9]{1,8})([mSMH])$/.exec(formatRpcTimeout(ms)) ?? [];
      const said = Number(digits) * (scales[unit] ?? Number.NaN);
      assert.ok(said >= ms && said - ms <= Math.max(1, ms / 1000));
    }),
  );
});
