import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contestant } from './contestant.ts';
import { renderHeavy, renderMixed } from './heavy-report.ts';
import { renderMlp } from './mlp-report.ts';
import { parsePlan } from './plan.ts';
import { renderReport } from './report.ts';
import type { HeavySample, Sample } from './samples.ts';

const contestant = (name: string, peer: string, kind: Contestant['kind']): Contestant => ({
  name,
  peer,
  kind,
  command: () => ['true'],
  door: () => undefined,
  live: '/',
  quick: false,
});
const contestants = [
  contestant('fairlead', 'fairlead', 'fairlead'),
  contestant('Slow', 'Slow', 'python'),
  contestant('Slow, batching', 'Slow', 'python'),
  contestant('floor', 'floor', 'floor'),
];

const result = { requests: 100, p50Ms: 1.5, errors: 0 };
const sample = (server: string, round: number, requestsPerSecond: number, p99Ms = 4): Sample => ({
  ...result,
  server,
  round,
  connections: 32,
  requestsPerSecond,
  p99Ms,
  cpuUs: 50,
  residentBytes: 100e6,
});

const samples = [
  sample('fairlead', 0, 1000),
  sample('fairlead', 1, 1800),
  sample('Slow', 0, 50, 40),
  sample('Slow', 1, 50, 40),
  sample('Slow, batching', 0, 100, 80),
  sample('Slow, batching', 1, 200, 80),
  sample('floor', 0, 2000, 2),
  sample('floor', 1, 2000, 2),
];

test('a table has a row a server, and the ratios take the better variant of a peer', () => {
  assert.deepEqual(renderMlp(contestants, samples).split('\n'), [
    '| server | requests/s, c=32 | p50 ms | p99 ms | CPU µs/request | RSS MB | errors |',
    '| --- | --: | --: | --: | --: | --: | --: |',
    '| fairlead | 1,400 (1,000–1,800) | 1.5 | 4 | 50 | 100 | 0 |',
    '| Slow | 50 (50–50) | 1.5 | 40 | 50 | 100 | 0 |',
    '| Slow, batching | 150 (100–200) | 1.5 | 80 | 50 | 100 | 0 |',
    '| floor | 2,000 (2,000–2,000) | 1.5 | 2 | 50 | 100 | 0 |',
    '',
    '| requests/s | c=32 | p99 at c=32, theirs ÷ ours |',
    '| --- | --: | --: |',
    '| fairlead ÷ Slow | 9.33× (9–10) | 10× |',
    '| fairlead ÷ the best Python server | 9.33× (9–10) | 10× |',
    '| fairlead ÷ floor | 0.7× (0.5–0.9) | 0.5× |',
  ]);
});

test('a server that failed in a later round is compared in the rounds it took part in', () => {
  const report = renderMlp(contestants, [
    sample('fairlead', 0, 1000),
    sample('fairlead', 1, 1800),
    sample('Slow', 0, 100),
  ]);
  assert.match(report, /fairlead ÷ Slow \| 14× \(10–10\)/);
});

test('a peer alone has figures and no ratios', () => {
  assert.doesNotMatch(renderMlp(contestants, [sample('Slow', 0, 50)]), /÷ ours/);
});

const live = { asked: 50, failed: 0, p50Ms: 1, p99Ms: 3.2, maxMs: 9 };
const heavy = (server: string, connections: number, share: number, failed = 0): HeavySample => ({
  ...result,
  server,
  model: 'cnn',
  round: 0,
  connections,
  requestsPerSecond: 40 * share,
  p99Ms: 100,
  ceiling: 40,
  live: { ...live, failed },
});

test('a heavy model is shown as a share of the ceiling, with the health meanwhile', () => {
  const given = [heavy('fairlead', 4, 0.95), heavy('fairlead', 8, 0.9), heavy('Slow', 4, 0.5, 2)];
  assert.deepEqual(renderHeavy(contestants, given).split('\n').slice(2), [
    '| fairlead | 38 (38–38) | 95 % | 100 | 3.2 | 36 (36–36) | 90 % | 100 | 3.2 | 0 |',
    '| Slow | 20 (20–20) | 50 % | 100 | 3.2, 2 failed | – | – | – | – | 0 |',
    '',
    'ONNX Runtime in a loop on the same core: 40 (40–40) runs/s.',
  ]);
});

test('a mixed server is shown alone and beside its neighbour', () => {
  const load = { ...result, requestsPerSecond: 1000, p99Ms: 2 };
  const beside = { ...load, requestsPerSecond: 500, p99Ms: 30 };
  const cnn = { ...load, requestsPerSecond: 20, errors: 1 };
  const row = renderMixed(contestants, [{ server: 'Slow', round: 0, alone: load, beside, cnn }]).split(
    '\n',
  )[2];
  assert.equal(row, '| Slow | 1,000 | 2 | 500 | 30 | 20 | 1 |');
});

test('what failed is listed with its reason, and what was not measured has no heading', () => {
  const report = renderReport({
    contestants,
    plan: parsePlan(['--quick']),
    samples: { mlp: samples, heavy: [], mixed: [] },
    failures: [{ server: 'Slow', suite: 'install', why: 'no\n  matching distribution' }],
    versions: ['node 24'],
  });
  assert.match(report, /### Not measured\n\n- Slow \(install\): no matching distribution\n/);
  assert.doesNotMatch(report, /### A text encoder/);
  assert.ok(report.endsWith('node 24'));
});
