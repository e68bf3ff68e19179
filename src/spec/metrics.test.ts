import assert from 'node:assert/strict';
import test from 'node:test';
import { type Metric, metrics, outcomes } from './metrics.ts';

const all: readonly (readonly [string, Metric])[] = Object.entries(metrics);

test('the two metrics that users build on are exactly as promised', () => {
  const { prediction_latency_seconds: latency, prediction_requests_total: requests } = metrics;
  assert.deepEqual([latency.kind, latency.labels], ['histogram', ['model_name', 'model_version']]);
  assert.deepEqual(latency.buckets, [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  assert.deepEqual([requests.kind, requests.labels], ['counter', ['model_name', 'model_version', 'status']]);
  assert.deepEqual(outcomes, ['success', 'client_error', 'server_error', 'rejected', 'timeout']);
});

test('the two promised metrics come first', () => {
  assert.deepEqual(
    all.slice(0, 2).map(([name]) => name),
    ['prediction_latency_seconds', 'prediction_requests_total'],
  );
});

for (const [name, metric] of all) {
  test(`${name} is named, labelled and explained as Prometheus asks`, () => {
    assert.match(name, /^[a-z]+(_[a-z]+)+$/);
    assert.equal(name.endsWith('_total'), metric.kind === 'counter');
    assert.match(metric.help, /^[A-Z0-9].+\.$/);
    for (const label of metric.labels) assert.match(label, /^[a-z]+(_[a-z]+)*$/);
    assert.ok(!metric.labels.includes('le'));
  });

  test(`${name} has buckets if and only if it is a histogram, and they rise`, () => {
    assert.equal(metric.buckets !== undefined, metric.kind === 'histogram');
    const bounds = metric.buckets ?? [];
    assert.deepEqual(
      bounds,
      [...new Set(bounds)].toSorted((a, b) => a - b),
    );
  });
}

test('the help of the count of requests names every outcome', () => {
  for (const outcome of outcomes) assert.ok(metrics.prediction_requests_total.help.includes(outcome));
});
