import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h2loadCommand, parseH2load } from './h2load.ts';

const output = `starting benchmark...
finished in 2.00s, 4000.50 req/s, 448KB/s
requests: 8001 total, 8001 started, 8001 done, 7999 succeeded, 1 failed, 1 errored, 0 timeout
`;
const log = Array.from({ length: 100 }, (_, index) => `1700000000000000\t200\t${(100 - index) * 1000}`).join(
  '\n',
);

test('the summary gives the rate and the faults, the log the latency in milliseconds', () => {
  assert.deepEqual(parseH2load(output, log), {
    requestsPerSecond: 4000.5,
    requests: 8001,
    p50Ms: 50,
    p99Ms: 99,
    errors: 2,
  });
});

test('output without a summary is an error that shows it', () => {
  assert.throws(() => parseH2load('unable to connect', ''), /no result:\nunable to connect/);
});

const loads: readonly { connections: number; says: RegExp }[] = [
  { connections: 1, says: /-c1 -m1 / },
  { connections: 32, says: /-c4 -m8 / },
  { connections: 128, says: /-c4 -m32 / },
];
for (const { connections, says } of loads) {
  test(`${connections} calls at once share few connections, on a core of their own`, () => {
    const load = { url: 'http://h/S/M', connections, seconds: 3, body: 'b', log: 'l' };
    const { argv } = h2loadCommand(load, 1);
    assert.match(argv.join(' '), says);
    assert.match(argv.join(' '), /taskset -c 1 h2load/);
  });
}
