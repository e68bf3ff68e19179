import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BatchLimit } from './batch-limit.ts';
import { LatencyTable, type RunTime } from './latency.ts';
import { Profiles, worthwhileRows } from './profiles.ts';

/** Runs that take `fixed` and `each` row so many milliseconds. */
function runs(sizes: readonly number[], fixed: number, each: number): RunTime[] {
  return sizes.map(rows => ({ rows, ms: fixed + each * rows }));
}

/** A table that has seen each of these often enough to be sure. */
function tableOf(measured: readonly RunTime[]): LatencyTable {
  const table = new LatencyTable();
  for (let round = 0; round < 40; round++) for (const run of measured) table.learn(run);
  return table;
}

test('a table that knows nothing expects nothing', () => {
  assert.equal(new LatencyTable().bound(8), 0);
});

test('what was seen often is expected as it was, and what lies between, between', () => {
  const table = tableOf(runs([1, 4, 16], 8, 1));
  for (const rows of [1, 2, 4, 10, 16])
    assert(Math.abs(table.bound(rows) - (8 + rows)) < 0.1, `${rows} rows`);
});

test('beyond what was seen, no less than in proportion is expected', () => {
  assert(tableOf(runs([4], 8, 1)).bound(8) >= 24 - 0.1);
});

test('fewer rows than were ever seen are expected to take as long as the fewest', () => {
  const table = tableOf(runs([8], 8, 1));
  assert.equal(table.bound(1), table.bound(8));
});

test('runs that differ are expected to take more than their mean', () => {
  const table = new LatencyTable();
  for (let round = 0; round < 100; round++) table.learn({ rows: 1, ms: round % 2 === 0 ? 8 : 12 });
  assert(table.bound(1) > 12);
});

test('a table forgets: what runs take now counts', () => {
  const table = tableOf([{ rows: 1, ms: 100 }]);
  for (let round = 0; round < 60; round++) table.learn({ rows: 1, ms: 2 });
  assert(table.bound(1) < 3);
});

test('an estimate is finite and not negative, whatever was learnt and whatever is asked', () => {
  const run = fc.record({ rows: fc.nat(1000), ms: fc.float({ min: 0, max: 1e6, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(run), fc.nat(5000), (learnt, rows) => {
      const estimate = new LatencyTable(learnt).bound(rows);
      assert(Number.isFinite(estimate) && estimate >= 0);
    }),
  );
});

const bounds = { maxRows: 64, deadlineMs: 51 };

test('a batch has as many rows as run in half of the deadline', () => {
  assert.equal(new BatchLimit(bounds, tableOf(runs([1, 2, 4, 8, 16, 32, 64], 8, 1))).rows, 17);
});

test('a model that is too slow for its deadline runs single rows', () => {
  assert.equal(new BatchLimit(bounds, tableOf(runs([1, 2], 100, 1))).rows, 1);
});

test('a run that took too long makes the next batches smaller, and runs in time make them larger again', () => {
  const table = tableOf(runs([1, 64], 1, 0));
  const limit = new BatchLimit(bounds, table);
  limit.ran({ rows: 64, ms: 30 });
  assert.equal(limit.rows, 57);
  for (let round = 0; round < 20; round++) limit.ran({ rows: 8, ms: 1 });
  assert.equal(limit.rows, 64);
});

const sizes = [1, 2, 4, 8, 16, 32, 64];
const worthwhile: readonly { title: string; measured: readonly RunTime[]; rows: number }[] = [
  { title: 'gains with every row runs as many as allowed', measured: runs(sizes, 20, 0.2), rows: 64 },
  { title: 'gains nothing runs single rows', measured: runs([1, 2, 4], 0, 25), rows: 1 },
  {
    title: 'gains nothing beyond some rows runs those',
    measured: runs(sizes, 4, 1).map(run => ({ ...run, ms: Math.max(run.ms, run.rows * 1.4) })),
    rows: 16,
  },
  { title: 'was not measured runs as many as allowed', measured: [], rows: 64 },
  { title: 'was measured with one row only runs as many as allowed', measured: runs([1], 1, 1), rows: 64 },
];

for (const { title, measured, rows } of worthwhile)
  test(`a model that ${title}`, () => {
    assert.equal(worthwhileRows(measured, 64), rows);
  });

test('each shape has a profile of its own, up to a bound', () => {
  const profiles = new Profiles(bounds, '8;', runs([1], 1, 1));
  assert.notEqual(profiles.of('8;'), profiles.of('9;'));
  const many = Array.from({ length: 200 }, (_, index) => profiles.of(`${index};`));
  assert(new Set(many).size <= 65);
  assert.equal(profiles.of('8;'), profiles.of('8;'));
});
