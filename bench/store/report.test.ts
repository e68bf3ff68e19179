import assert from 'node:assert/strict';
import test from 'node:test';
import { promises, renderReport } from './report.ts';
import type { Sample } from './speed.ts';

const sample = (name: string, seconds: number, peakBytes = 0): Sample => ({
  name,
  seconds,
  safeSeconds: seconds * 2,
  cpuSeconds: 1,
  peakBytes,
});

const findings = {
  origin: 'a server',
  size: 1e9,
  shared: 5e8,
  samples: [sample('fairlead store pull', 2, 160 * 2 ** 20), sample('curl', 1)],
  idleBytes: 100 * 2 ** 20,
  resumed: { killedAt: 0.9, again: 0.11, seconds: 1 },
  together: { processes: 10, times: 1.2, seconds: 3, peakBytes: 1 },
};

test('a ratio is of the same round, above 1 where fairlead is the faster one', () => {
  const table = renderReport([findings], []);
  assert.match(table, /curl \| 1,000 \(1,000–1,000\) \| 0\.5 \(0\.5–0\.5\)/);
});

test('each promise is held against what was measured', () => {
  const held = promises([findings]).map(({ text, holds }) => [
    /ratio|of curl|memory|kill|at once/.exec(text)?.[0],
    holds,
  ]);
  assert.deepEqual(held, [
    ['of curl', false],
    ['memory', true],
    ['kill', true],
    ['at once', false],
  ]);
});

test('what was not measured is in no table', () => {
  const report = renderReport(
    [{ origin: 'a server', size: 1, shared: 1, samples: [] }],
    ['Skipped: s3, no keys.'],
  );
  assert.equal(report, 'Skipped: s3, no keys.');
});
