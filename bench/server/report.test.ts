import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderReport, type Sample } from './report.ts';

const sample = (server: string, round: number, requestsPerSecond: number): Sample => ({
  server,
  round,
  connections: 32,
  requestsPerSecond,
  requests: requestsPerSecond,
  p50Ms: 1.5,
  p99Ms: 4,
  errors: round,
  cpuUs: 50,
  residentBytes: 100e6,
});

const samples = [
  sample('slow', 1, 200),
  sample('fast', 0, 1000),
  sample('slow', 0, 100),
  sample('fast', 1, 1800),
  sample('fast', 2, 1500),
  sample('slow', 2, 150),
];

test('a report has a row a server and a ratio to each baseline, paired by round', () => {
  const report = renderReport({ servers: ['fast', 'slow'], baselines: ['slow'], connections: [32], samples });
  assert.deepEqual(report.split('\n'), [
    '| server | requests/s, c=32 | p50 ms | p99 ms | CPU µs/request | RSS MB | errors |',
    '| --- | --: | --: | --: | --: | --: | --: |',
    '| fast | 1,500 (1,000–1,800) | 1.5 | 4 | 50 | 100 | 3 |',
    '| slow | 150 (100–200) | 1.5 | 4 | 50 | 100 | 3 |',
    '',
    '| requests/s | c=32 |',
    '| --- | --: |',
    '| fast ÷ slow | 10×; by round 10 (9–10) |',
  ]);
});

test('a server that was never measured is an error, not an empty row', () => {
  assert.throws(
    () => renderReport({ servers: ['fast', 'absent'], baselines: ['absent'], connections: [32], samples }),
    RangeError,
  );
});
