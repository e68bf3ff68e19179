import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from './ledger.ts';
import { recoveredAfter, recoveryOf } from './recovery.ts';

const served = (...latencies: readonly (number | undefined)[]) =>
  latencies.map((latencyMs, index) => ({ dueMs: 10 + 10 * index, latencyMs }));
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const cases = [
  { name: 'a server that never was ill has recovered at once', list: served(...times(9, 1)), after: 0 },
  {
    name: 'one that answers late at first has when it no longer does',
    list: served(...times(30, 50), ...times(70, 1)),
    after: 300,
  },
  {
    name: 'an answer that did not come is a late one',
    list: served(...times(30, undefined), ...times(70, 1)),
    after: 300,
  },
  { name: 'one in a hundred may be late', list: served(...times(99, 1), 50), after: 0 },
  { name: 'one of a few may be late', list: served(...times(9, 1), 50), after: 0 },
  {
    name: 'two in a hundred may not',
    list: served(...times(50, 1), 50, 50, ...times(48, 1)),
    after: 520,
  },
  {
    name: 'one that is still late near the end has not',
    list: served(...times(80, 50), ...times(20, 1)),
    after: undefined,
  },
  { name: 'of nothing, nothing is known', list: [], after: undefined },
];

for (const { name, list, after } of cases) {
  test(name, () => assert.equal(recoveredAfter(list, { ms: 10, misses: 0.01 }), after));
}

test('what was missed before the overload may be missed after it', () => {
  const list = served(...times(20, 50), ...times(40, [1, 1, 1, undefined]).flat());
  assert.equal(recoveredAfter(list, { ms: 10, misses: 0.25 }), 210);
  assert.equal(recoveredAfter(list, { ms: 10, misses: 0.01 }), undefined);
});

test('usual is what it was before the overload, and time counts from its end', () => {
  const ledger = new Ledger(300);
  const enter = (due: number, took: number): boolean => ledger.settle(ledger.take(due, due), 200, due + took);
  for (let index = 0; index < 100; index++) enter(index, 4);
  for (let index = 0; index < 100; index++) enter(100 + index, 90);
  for (let index = 0; index < 100; index++) enter(200 + index, index < 20 ? 15 : 13);
  const parts = [0, 100, 200].map(first => ({ first, end: first + 100, seconds: 0.1, until: first + 100 }));
  assert.equal(recoveryOf(ledger, parts, 100), 19);
  assert.equal(recoveryOf(ledger, parts, 13), 19, 'and no later than the deadline');
  assert.equal(recoveryOf(ledger, parts, 12), undefined, 'never in time after it');
  assert.equal(recoveryOf(ledger, parts.slice(1), 100), undefined);
});
