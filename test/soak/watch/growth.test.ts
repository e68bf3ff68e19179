import assert from 'node:assert/strict';
import test from 'node:test';
import { growthOf, median, type Sample, sparkline } from './growth.ts';

function course(seconds: number, mib: (at: number) => number): Sample[] {
  return Array.from({ length: seconds + 1 }, (_, at) => ({ at, mib: mib(at) }));
}

test('memory that fills up in the first minute and stays does not grow', () => {
  const { before, after, share, limit } = growthOf(
    course(1800, at => Math.min(200, 100 + 2 * at)),
    1800,
  );
  assert.deepEqual([before, after, share, limit], [200, 200, 0, 0.1]);
});

test('a leak of 20 MiB an hour in 200 MiB stays below the limit of half an hour, one of 60 does not', () => {
  const share = (perHour: number): number =>
    growthOf(
      course(1800, at => 200 + (perHour * at) / 3600),
      1800,
    ).share;
  assert.ok(share(20) < 0.1);
  assert.ok(share(60) > 0.1);
});

test('one peak is no growth', () => {
  assert.equal(
    growthOf(
      course(1800, at => (at === 1750 ? 900 : 200)),
      1800,
    ).share,
    0,
  );
});

test('a run of a minute is measured against the third quarter of it', () => {
  const { rule, before, after, limit } = growthOf(
    course(60, at => at),
    60,
  );
  assert.equal(rule, 'median of 54–60 s beside that of 30–45 s');
  assert.deepEqual([before, after, limit], [38, 57, 0.3]);
});

test('a run of two minutes is measured against the same', () => {
  assert.equal(
    growthOf(
      course(120, () => 1),
      120,
    ).rule,
    'median of 108–120 s beside that of 30–45 s',
  );
});

test('where nothing was seen, nothing grew', () => {
  assert.equal(growthOf([], 60).share, 0);
  assert.equal(median([]), 0);
});

test('a curve goes from the lowest bar to the highest', () => {
  assert.equal(sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8), '▁▂▃▄▅▆▇█');
  assert.equal(sparkline([5, 5, 5], 8), '▁▁▁');
  assert.equal(sparkline([0, 0, 10, 10], 2), '▁█');
  assert.equal(sparkline([], 8), '');
});
