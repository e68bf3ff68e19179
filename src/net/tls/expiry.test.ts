import assert from 'node:assert/strict';
import test from 'node:test';
import { expiryWord } from './expiry.ts';

const HOUR_MS = 3_600_000;

const cases: readonly { left: string; hours: number; level: string | undefined; daysLeft?: number }[] = [
  { left: 'a year', hours: 365 * 24, level: undefined },
  { left: 'two weeks', hours: 14 * 24, level: undefined },
  { left: 'an hour less than two weeks', hours: 14 * 24 - 1, level: 'warn', daysLeft: 13 },
  { left: 'an hour', hours: 1, level: 'warn', daysLeft: 0 },
  { left: 'nothing', hours: 0, level: 'error', daysLeft: 0 },
  { left: 'less than nothing', hours: -25, level: 'error', daysLeft: -2 },
];

for (const { left, hours, level, daysLeft } of cases) {
  test(`a certificate that has ${left} left is told of: ${level ?? 'not at all'}`, () => {
    const word = expiryWord(new Date(hours * HOUR_MS), new Date(0));
    assert.deepEqual([word?.level, word?.daysLeft], [level, daysLeft]);
  });
}
