import assert from 'node:assert/strict';
import test from 'node:test';
import { failure } from '#base';
import { modelMetrics, outcomeOf } from './model-metrics.ts';
import { Registry } from './registry.ts';

test('a histogram is cumulative and ends in its count', () => {
  const registry = new Registry();
  const latency = registry.histogram('prediction_latency_seconds', { model_name: 'm', model_version: '1' });
  for (const seconds of [0.01, 0.02, 99]) latency.observe(seconds);
  const lines = registry.text().split('\n');
  const bucket = (le: string): string | undefined =>
    lines.find(line => line.includes(`le="${le}"`))?.split(' ')[1];
  assert.equal(bucket('0.01'), '1');
  assert.equal(bucket('0.025'), '2');
  assert.equal(bucket('10'), '2');
  assert.equal(bucket('+Inf'), '3');
  assert(lines.includes('prediction_latency_seconds_count{model_name="m",model_version="1"} 3'));
});

test('label values are escaped', () => {
  const registry = new Registry();
  registry.gauge('model_ready', { model_name: 'a"b\\c\nd', model_version: '1' }).set(1);
  assert.match(registry.text(), /model_ready\{model_name="a\\"b\\\\c\\nd",model_version="1"\} 1/);
});

test('a series is the same one each time it is asked for', () => {
  const registry = new Registry();
  registry.counter('process_cpu_seconds_total').add(1);
  registry.counter('process_cpu_seconds_total').add(2);
  assert.match(registry.text(), /process_cpu_seconds_total 3\n/);
});

test('every outcome of a model is there from the start', () => {
  const registry = new Registry();
  modelMetrics(registry, { name: 'm', version: '1' });
  for (const status of ['success', 'client_error', 'server_error', 'rejected', 'timeout']) {
    assert.match(
      registry.text(),
      new RegExp(`prediction_requests_total\\{model_name="m",model_version="1",status="${status}"\\} 0`),
    );
  }
});

test('failures count by whose they are', () => {
  assert.equal(outcomeOf(failure('input_invalid', { problem: '', at: [] })), 'client_error');
  assert.equal(outcomeOf(failure('inference_failed', { problem: '' })), 'server_error');
  assert.equal(outcomeOf(failure('overloaded', { limit: '1' })), 'rejected');
  assert.equal(outcomeOf(failure('deadline_exceeded', { seconds: 1 })), 'timeout');
});
