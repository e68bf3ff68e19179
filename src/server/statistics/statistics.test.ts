import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { DurationSum } from './duration.ts';
import { ModelStatistics, type RequestTimes } from './model-statistics.ts';

const times = (rows: number, queueMs = 0): RequestTimes => ({
  rows,
  queueMs,
  inputMs: 1,
  inferMs: 2,
  outputMs: 3,
});

test('after k successes and j failures, just so many are counted, and each success was queued and computed', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ good: fc.boolean(), rows: fc.nat(64) })), requests => {
      const statistics = new ModelStatistics();
      for (const { good, rows } of requests)
        if (good) statistics.succeeded(10, times(rows));
        else statistics.failed(5);
      const good = requests.filter(request => request.good);
      const { success, fail, queue, computeInput, computeInfer, computeOutput, inferenceCount } =
        statistics.snapshot();
      assert.deepEqual([success.count, fail.count], [good.length, requests.length - good.length]);
      for (const { count } of [queue, computeInput, computeInfer, computeOutput])
        assert.equal(count, success.count);
      assert.equal(
        inferenceCount,
        good.reduce((sum, { rows }) => sum + rows, 0),
      );
    }),
  );
});

test('each part of the time is told in nanoseconds', () => {
  const statistics = new ModelStatistics();
  statistics.succeeded(10.5, times(1, 0.25));
  statistics.failed(0.001);
  const snapshot = statistics.snapshot();
  const { success, fail, queue, computeInput, computeInfer, computeOutput } = snapshot;
  assert.deepEqual(
    [success, fail, queue, computeInput, computeInfer, computeOutput].map(({ ns }) => ns),
    [10_500_000n, 1000n, 250_000n, 1_000_000n, 2_000_000n, 3_000_000n],
  );
});

test('runs are counted by their rows, with the moment of the latest', () => {
  const statistics = new ModelStatistics();
  statistics.ran(8, times(8), 1000);
  statistics.ran(1, times(1), 2000);
  statistics.ran(8, times(8), 3000);
  const { executionCount, lastInference, batches, inferenceCount } = statistics.snapshot();
  assert.deepEqual([executionCount, lastInference, inferenceCount], [3, 3000, 0]);
  assert.deepEqual(
    batches.map(({ batchSize, computeInfer }) => [batchSize, computeInfer]),
    [
      [1, { count: 1, ns: 2_000_000n }],
      [8, { count: 2, ns: 4_000_000n }],
    ],
  );
});

test('however many numbers of rows clients think of, the table stays small', () => {
  const statistics = new ModelStatistics();
  for (let rows = 0; rows < 5000; rows++) statistics.ran(rows, times(rows), 1);
  const { batches, executionCount } = statistics.snapshot();
  assert.equal(batches.length, 1024);
  assert.equal(executionCount, 5000);
});

test('a sum of durations is exact beyond 2^53 nanoseconds', () => {
  const sum = new DurationSum();
  for (let day = 0; day < 1000; day++) sum.add(86_400_000);
  sum.add(0.000_001);
  assert.deepEqual(sum.snapshot(), { count: 1001, ns: 86_400_000_000_000n * 1000n + 1n });
});

test('a clock that goes back takes nothing away', () => {
  const sum = new DurationSum();
  sum.add(-5);
  assert.deepEqual(sum.snapshot(), { count: 1, ns: 0n });
});
