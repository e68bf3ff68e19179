import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubts, goodput, type Point, renderCapacities, renderModel } from './report.ts';

const tally: Point['tally'] = {
  seconds: 2,
  requests: 600,
  offered: 300,
  achieved: 300,
  inTime: 190,
  late: 5,
  abandoned: 5,
  refused: 300,
  expired: 60,
  failed: 40,
  statuses: {},
  p50Ms: 40,
  p99Ms: 95,
  lagP99Ms: 0.2,
  lagMaxMs: 1,
  connectionP99Ms: 0.1,
};
const point: Point = {
  server: 'fairlead',
  model: 'dense',
  round: 0,
  factor: 3,
  capacity: 100,
  tally,
  memory: { before: 200e6, peak: 220e6, after: 210e6 },
  recoveredMs: 250,
};

function cells(points: readonly Point[]): string[] {
  return (renderModel(points).split('\n').at(-1) ?? '').split('|').map(cell => cell.trim());
}

test('a row says what was offered and what became of it', () => {
  assert.deepEqual(cells([point]).slice(1, -1), [
    'fairlead',
    '3×',
    '300',
    '300',
    '0.95',
    '5',
    '50',
    '10',
    '6.67',
    '40',
    '95',
    '200 → 220 → 210',
    '0.25',
  ]);
  assert.equal(goodput(point), 0.95);
});

test('rounds come to their median and how far apart they lay', () => {
  const worse: Point = { ...point, round: 1, tally: { ...tally, inTime: 100 }, recoveredMs: null };
  const row = cells([point, worse]);
  assert.equal(row[5], '0.725 (0.5–0.95)');
  assert.equal(row.at(-2), '0.25; not in 1 of 2');
});

test('below the capacity there is nothing to recover from, and nothing accepted has no latency', () => {
  const none = { ...tally, inTime: 0, late: 0, abandoned: 0, p50Ms: null, p99Ms: null };
  const row = cells([{ ...point, factor: 0.5, recoveredMs: null, tally: none }]);
  assert.deepEqual([row.at(-2), row[5], row[6], row[10], row[11]], ['', '0', '–', '–', '–']);
  assert.equal(cells([{ ...point, recoveredMs: null }]).at(-2), 'not');
});

test('a point is marked when its generator lagged, with the reason', () => {
  const lagged = { ...point, tally: { ...tally, lagP99Ms: 9 } };
  assert.equal(cells([lagged])[2], '3× †');
  assert.deepEqual(doubts([point, lagged]), [
    'fairlead at 3×, round 1: the generator was 9.0 ms late at its p99',
  ]);
});

test('a point is marked when the server did more than its capacity', () => {
  const [line] = doubts([{ ...point, tally: { ...tally, inTime: 230 } }]);
  assert.match(line ?? '', /^fairlead at 3×, round 1: it did 1\.15 times what was taken for its capacity/);
});

test('a capacity counts once a round', () => {
  const points = [point, { ...point, factor: 1 }, { ...point, round: 1, capacity: 200 }];
  assert.match(renderCapacities(points), /\| fairlead \| 150 \(100–200\) \|$/);
  assert.throws(() => renderCapacities([]), RangeError);
});
