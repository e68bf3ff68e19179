import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { placeOf, type Waiting } from './queue.ts';
import { type Policy, type Taken, take } from './take.ts';

interface One extends Waiting {
  /** The order of arrival. */
  readonly arrival: number;
}

const arrivals = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    rows: fc.integer({ min: 0, max: 9 }),
    priority: fc.integer({ min: 1, max: 2 }),
    deadline: fc.constantFrom(5, 12, 15, 40),
    since: fc.integer({ min: 0, max: 10 }),
  }),
  { maxLength: 20 },
);
const limits = fc.record({
  most: fc.integer({ min: 1, max: 12 }),
  perRow: fc.constantFrom(0, 0.3, 2),
  fixed: fc.constantFrom(0, 1, 4),
  maxDelayMs: fc.constantFrom(0, 3),
  portion: fc.constantFrom(2, Infinity),
});
const now = 10;
const usual = { portion: () => Infinity };

function queueOf(waiting: readonly Waiting[]): One[] {
  const queue: One[] = [];
  for (const [arrival, one] of waiting.entries()) queue.splice(placeOf(queue, one), 0, { ...one, arrival });
  return queue;
}

function policyOf({
  most,
  perRow,
  fixed,
  maxDelayMs,
  portion,
}: typeof limits extends fc.Arbitrary<infer T> ? T : never): Policy {
  return {
    maxRows: () => most,
    portion: () => portion,
    runMs: (_, rows) => fixed + perRow * rows,
    maxDelayMs,
  };
}

function rowsOf(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { rows }) => sum + rows, 0);
}

/** Checks what holds of everything that is taken. */
function holds(check: (taken: Taken<One>, queue: readonly One[], policy: Policy) => void): void {
  fc.assert(
    fc.property(arrivals, limits, (waiting, wanted) => {
      const queue = queueOf(waiting);
      const policy = policyOf(wanted);
      check(take(queue, policy, now), queue, policy);
    }),
  );
}

test('nothing is lost or doubled, and what stays keeps its order', () => {
  holds(({ batch, late, rest }, queue) => {
    const all = [...batch, ...late, ...rest].map(({ arrival }) => arrival);
    assert.deepEqual(
      all.toSorted((a, b) => a - b),
      queue.map(({ arrival }) => arrival).toSorted((a, b) => a - b),
    );
    const places = rest.map(one => queue.indexOf(one));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });
});

test('a batch has one key, and more rows than allowed only for a request that has them alone', () => {
  holds(({ batch }, _, { maxRows }) => {
    assert(new Set(batch.map(({ key }) => key)).size <= 1);
    assert(batch.length === 1 || rowsOf(batch) <= maxRows(''));
  });
});

test('of one key and one priority, equal deadlines run first in, first out', () => {
  holds(({ batch, rest }) => {
    for (const one of batch)
      for (const other of rest)
        if (other.key === one.key && other.priority === one.priority && other.deadline === one.deadline)
          assert(one.arrival < other.arrival);
  });
});

test('a model is never left idle while something waits that is not past its deadline, unless it waits for company', () => {
  holds(({ batch, until }, queue) => {
    if (until === undefined && queue.some(({ deadline }) => deadline >= now)) assert(batch.length > 0);
  });
});

test('who is past the deadline never runs', () => {
  holds(({ batch, rest }) => {
    for (const { deadline } of [...batch, ...rest]) assert(deadline >= now);
  });
});

test('a batch of several is in time for each of them', () => {
  holds(({ batch }, _, { runMs }) => {
    if (batch.length < 2) return;
    for (const { key, deadline } of batch) assert(deadline >= now + runMs(key, rowsOf(batch)));
  });
});

test('a batch is filled up, not made smaller, when its first cannot be in time', () => {
  const waiting = [12, 40, 40, 40].map((deadline, since) => ({
    key: 'a',
    rows: 1,
    priority: 1,
    deadline,
    since,
  }));
  const policy: Policy = { ...usual, maxRows: () => 3, runMs: (_, rows) => 1 + rows, maxDelayMs: 0 };
  const { batch, late, rest } = take(queueOf(waiting), policy, now);
  assert.deepEqual(
    [batch, late, rest].map(list => list.map(({ deadline }) => deadline)),
    [[40, 40, 40], [12], []],
  );
});

test('when none can be in time, one runs nevertheless: nothing else would correct a wrong estimate', () => {
  const waiting = [12, 15].map((deadline, since) => ({ key: 'a', rows: 1, priority: 1, deadline, since }));
  const policy: Policy = { ...usual, maxRows: () => 8, runMs: () => 1000, maxDelayMs: 0 };
  const { batch, late } = take(queueOf(waiting), policy, now);
  assert.deepEqual([batch.length, late.length], [1, 1]);
});

test('the more urgent run first, whatever came before', () => {
  const waiting = [2, 2, 1].map((priority, since) => ({ key: 'a', rows: 1, priority, deadline: 40, since }));
  const policy: Policy = { ...usual, maxRows: () => 1, runMs: () => 0, maxDelayMs: 0 };
  assert.equal(take(queueOf(waiting), policy, now).batch[0]?.arrival, 2);
});

const company: Policy = { ...usual, maxRows: () => 4, runMs: () => 5, maxDelayMs: 8 };
const delays: readonly {
  title: string;
  waiting: readonly Partial<Waiting>[];
  flush?: string;
  until?: number;
}[] = [
  {
    title: 'a batch that is not full waits for the oldest to have waited long enough',
    waiting: [{ since: 6 }],
    until: 14,
  },
  { title: 'and runs then', waiting: [{ since: 2 }], flush: 'delay' },
  { title: 'and no longer than its deadline allows', waiting: [{ since: 9, deadline: 16 }], until: 11 },
  { title: 'a full one runs at once', waiting: [{ since: 9, rows: 4 }], flush: 'full' },
  {
    title: 'one that the next does not fit into is full',
    waiting: [
      { since: 9, rows: 3 },
      { since: 9, rows: 2 },
    ],
    flush: 'full',
  },
];

for (const { title, waiting, flush, until } of delays)
  test(`with a delay, ${title}`, () => {
    const plain = { key: 'a', rows: 1, priority: 1, deadline: 100, since: 0 };
    const taken = take(queueOf(waiting.map(one => ({ ...plain, ...one }))), company, now);
    assert.equal(taken.until, until);
    if (flush === undefined) assert.deepEqual([taken.batch.length, taken.rest.length], [0, waiting.length]);
    else assert.equal(taken.flush, flush);
  });

test('while some wait for company, those of other sizes run when they are full or have waited enough', () => {
  const policy: Policy = { ...usual, maxRows: () => 2, runMs: () => 1, maxDelayMs: 50 };
  const of = (key: string, since: number, deadline: number): Waiting => ({
    key,
    rows: 1,
    priority: 1,
    deadline,
    since,
  });
  const urgent = of('a', 40, 100);
  const patient = of('b', 0, 30_000);
  const later = of('a', 40, 40_000);
  assert.deepEqual(take([urgent, patient], policy, 45), {
    batch: [],
    flush: 'delay',
    late: [],
    rest: [urgent, patient],
    until: 50,
  });
  assert.deepEqual(take([urgent, patient], policy, 50), {
    batch: [patient],
    flush: 'delay',
    late: [],
    rest: [urgent],
  });
  assert.deepEqual(take([urgent, patient, of('b', 1, 31_000)], policy, 45).batch.length, 2);
  assert.deepEqual(take([urgent, patient, later], { ...policy, maxRows: () => 3 }, 45).rest, [
    urgent,
    patient,
    later,
  ]);
});
