import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fates, Ledger } from './ledger.ts';
import { doubtOf, type Part, quantile, type Tally, tally } from './tally.ts';

interface One {
  readonly fate: number;
  readonly due?: number;
  readonly taken?: number;
  readonly sent?: number;
  readonly took?: number;
}

function ledgerOf(list: readonly One[]): Ledger {
  const ledger = new Ledger(list.length);
  for (const { fate, due = 0, taken = due, sent = taken, took = 1 } of list) {
    const request = ledger.take(due, taken);
    if (!Number.isNaN(sent)) ledger.send(request, sent);
    ledger.settle(request, fate, due + took);
  }
  return ledger;
}

const whole = (ledger: Ledger): Part => ({ first: 0, end: ledger.size, seconds: 2, until: 2000 });
const none = { inTime: 0, late: 0, abandoned: 0, refused: 0, expired: 0, failed: 0 };

const cases: readonly { name: string; one: One; counts: Partial<Tally> }[] = [
  { name: 'an answer at the deadline is in time', one: { fate: 200, took: 100 }, counts: { inTime: 1 } },
  { name: 'an answer after it was accepted and is late', one: { fate: 200, took: 101 }, counts: { late: 1 } },
  { name: '429 is refused', one: { fate: 429 }, counts: { refused: 1 } },
  { name: '503 is refused, however long it took', one: { fate: 503, took: 900 }, counts: { refused: 1 } },
  { name: '504 is an expired deadline', one: { fate: 504, took: 100 }, counts: { expired: 1 } },
  { name: '500 is a failure', one: { fate: 500 }, counts: { failed: 1 } },
  { name: 'a wrong answer is a failure', one: { fate: fates.wrong }, counts: { failed: 1 } },
  { name: 'a broken connection is a failure', one: { fate: fates.failed }, counts: { failed: 1 } },
  { name: 'no answer at all is abandoned', one: { fate: fates.abandoned }, counts: { abandoned: 1 } },
];

for (const { name, one, counts } of cases) {
  test(name, () => {
    const ledger = ledgerOf([one]);
    const { inTime, late, abandoned, refused, expired, failed } = tally(ledger, whole(ledger), 100);
    assert.deepEqual({ inTime, late, abandoned, refused, expired, failed }, { ...none, ...counts });
  });
}

test('each request has one class, and rates are of the time of the part', () => {
  const fate = fc.constantFrom(200, 429, 503, 504, 500, ...Object.values(fates));
  const list = fc.array(fc.record({ fate, took: fc.integer({ min: 0, max: 300 }) }));
  fc.assert(
    fc.property(list, requests => {
      const ledger = ledgerOf(requests);
      const { inTime, late, abandoned, refused, expired, failed, ...rest } = tally(
        ledger,
        whole(ledger),
        100,
      );
      assert.equal(inTime + late + abandoned + refused + expired + failed, requests.length);
      assert.equal(
        Object.values(rest.statuses).reduce((sum, each) => sum + each, 0),
        requests.length,
      );
      assert.equal(rest.offered, requests.length / 2);
    }),
  );
});

test('latency is that of accepted requests, from when they were due and not from when they were sent', () => {
  const ledger = ledgerOf([
    { fate: 200, due: 0, sent: 50, took: 60 },
    { fate: fates.abandoned, due: 0, took: 500 },
    { fate: 429, due: 0, took: 9000 },
  ]);
  const { p50Ms, p99Ms, connectionP99Ms } = tally(ledger, whole(ledger), 100);
  assert.deepEqual([p50Ms, p99Ms, connectionP99Ms], [60, 500, 50]);
});

const fine: One = { fate: 200, due: 0 };
const doubts: readonly { name: string; list: readonly One[]; doubt: RegExp | undefined }[] = [
  { name: 'a generator in time is not doubted', list: [fine], doubt: undefined },
  { name: 'a generator that came late is', list: [{ ...fine, taken: 6 }], doubt: /6\.0 ms late/ },
  {
    name: 'one that did not send all is',
    list: [fine, { ...fine, sent: Number.NaN }],
    doubt: /only 50\.0 %/,
  },
  { name: 'one that sent after the end is', list: [{ ...fine, sent: 2006 }], doubt: /only 0\.0 %/ },
  {
    name: 'one without enough connections is',
    list: [{ ...fine, sent: 7 }],
    doubt: /7\.0 ms for a connection/,
  },
  { name: 'nothing at all is not doubted', list: [], doubt: undefined },
];

for (const { name, list, doubt } of doubts) {
  test(name, () => {
    const ledger = ledgerOf(list);
    const found = doubtOf(tally(ledger, whole(ledger), 100));
    if (doubt === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', doubt);
  });
}

test('a quantile is a value, and no more than the share lie below it', () => {
  const values = fc.array(fc.integer(), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, share) => {
      const value = quantile(list, share) ?? assert.fail('no value');
      assert.ok(list.includes(value));
      assert.ok(list.filter(one => one <= value).length >= share * list.length - 1e-9);
      assert.ok(list.filter(one => one < value).length < share * list.length + 1e-9);
    }),
  );
  assert.equal(quantile([], 0.5), null);
});

test('the first fate counts', () => {
  const ledger = ledgerOf([{ fate: fates.abandoned }]);
  ledger.settle(0, 200, 50);
  assert.equal(ledger.fate[0], fates.abandoned);
  assert.equal(ledger.settled, 1);
  assert.throws(() => ledger.take(0, 0), RangeError);
});
