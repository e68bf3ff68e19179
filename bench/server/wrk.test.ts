import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWrk, wrkCommand } from './wrk.ts';

const output = `Running 2s test @ http://127.0.0.1:43821/predict
  1 threads and 32 connections
Requests/sec:   3729.74
RESULT {"requests":8000,"durationUs":2000000,"p50Us":8433,"p99Us":16693,"errors":{"status":3,"connect":0,"read":1,"write":0,"timeout":2}}
`;

test('the result line gives rate, latency in milliseconds and every kind of error', () => {
  assert.deepEqual(parseWrk(output), {
    requestsPerSecond: 4000,
    requests: 8000,
    p50Ms: 8.433,
    p99Ms: 16.693,
    errors: 6,
  });
});

test('output without a result is an error that shows it', () => {
  assert.throws(() => parseWrk('unable to connect'), /no result:\nunable to connect/);
});

test('the load runs on one thread of its own core', () => {
  const load = {
    url: 'http://h/predict',
    connections: 32,
    seconds: 3,
    body: 'request.json',
    headers: ['A=b'],
  };
  assert.match(
    wrkCommand(load, 1).argv.join(' '),
    /^taskset -c 1 wrk -t1 -c32 -d3s .* http:\/\/h\/predict -- request.json A=b$/,
  );
});
