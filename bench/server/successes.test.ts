import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSuccesses, successesIn } from './successes.ts';

const metrics = `# TYPE prediction_requests_total counter
prediction_requests_total{model_name="a",model_version="1",status="success"} 40
prediction_requests_total{model_name="b",model_version="1",status="success"} 2
prediction_requests_total{model_name="a",model_version="1",status="timeout"} 7
`;
const result = { requestsPerSecond: 1, requests: 10, p50Ms: 1, p99Ms: 1, errors: 0 };

test('successes are those of all models; a server without the metric has none to tell', () => {
  assert.equal(successesIn(metrics), 42);
  assert.equal(successesIn('not found'), undefined);
});

test('a run whose answers were not all successes is no result', () => {
  checkSuccesses(result, 32, 42);
  checkSuccesses(result, undefined, undefined);
  assert.throws(() => checkSuccesses(result, 33, 42), /10 requests were answered, and 9 of them succeeded/);
});
