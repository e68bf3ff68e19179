import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { schedule } from './arrivals.ts';
import { closedLoop, openLoop, type Run, type Target } from './generator.ts';
import { type Tally, tally } from './tally.ts';

const bytes = Buffer.from('POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}');

async function served(
  t: TestContext,
  answer: RequestListener,
  change: Partial<Target> = {},
): Promise<Target> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const bounds = { warm: 2, most: 1000, idleMs: 2000 };
  return {
    host: '127.0.0.1',
    port,
    bytes,
    sign: 'right',
    patienceMs: 20_000,
    pauseMs: 100,
    bounds,
    ...change,
  };
}

function tallied({ ledger }: Run, seconds: number): Tally {
  return tally(ledger, { first: 0, end: ledger.size, seconds, until: seconds * 1000 }, 10_000);
}

/** Answers at once, but after its hundredth request it answers nobody for a while. */
function stalling(ms: number): RequestListener {
  let count = 0;
  let until = 0;
  return (_request, response) => {
    if (++count === 100) until = performance.now() + ms;
    setTimeout(() => response.end('right'), Math.max(0, until - performance.now()));
  };
}

/** How many requests took longer than that. */
function slower({ ledger: { due, done, size } }: Run, ms: number): number {
  return done.subarray(0, size).filter((time, request) => time - (due[request] ?? 0) > ms).length;
}

test('a stall is in the p99 of an open loop, and a closed loop hides it', async t => {
  const stallMs = 600;
  const times = schedule([{ rate: 300, seconds: 1 }], 'even', 1).at;
  const open = await openLoop(await served(t, stalling(stallMs)), times);
  const closed = await closedLoop(await served(t, stalling(stallMs)), 1, 1.2);
  const { inTime, p99Ms } = tallied(open, 1);
  assert.equal(inTime, 300);
  assert.ok((p99Ms ?? 0) > stallMs / 2, `the open loop's p99 is ${p99Ms} ms`);
  assert.ok(
    slower(open, stallMs / 2) > 60,
    'all who came in its first half waited for more than the other half',
  );
  assert.ok(open.connections > 50, `${open.connections} connections carried those who came in the stall`);
  const met = slower(closed, stallMs / 2);
  assert.ok(met <= 2, `one client meets the stall once, not ${met} times, and so it is in no p99`);
});

const answers: readonly RequestListener[] = [
  (_request, response) => response.end('right'),
  (_request, response) => response.end('something else'),
  (_request, response) => response.writeHead(429).end(),
  (_request, response) => response.writeHead(503, { connection: 'close' }).end(),
  (_request, response) => response.writeHead(504).end(),
  (_request, response) => response.writeHead(500).end(),
  (_request, response) => response.destroy(),
  (_request, response) => void response.socket?.end('nonsense\r\n\r\n'),
  () => undefined,
];

test('each request has its fate, and the next one a connection that works', async t => {
  let count = 0;
  const target = await served(t, (...both) => answers[count++ % answers.length]?.(...both), {
    patienceMs: 1000,
  });
  const run = await openLoop(target, schedule([{ rate: 1000, seconds: 0.09 }], 'even', 1).at);
  const { inTime, refused, expired, failed, abandoned, statuses } = tallied(run, 0.09);
  assert.deepEqual(statuses, {
    '200': 10,
    wrong: 10,
    '429': 10,
    '503': 10,
    '504': 10,
    '500': 10,
    failed: 20,
    abandoned: 10,
  });
  assert.deepEqual([inTime, refused, expired, failed, abandoned], [10, 20, 10, 40, 10]);
});

test('no more connections than the bound, and what waits for one is late from when it was due', async t => {
  let open = 0;
  let most = 0;
  const answer: RequestListener = (_request, response) => {
    most = Math.max(most, ++open);
    setTimeout(() => response.end('right', () => open--), 20);
  };
  const target = await served(t, answer, { bounds: { warm: 1, most: 3, idleMs: 2000 } });
  const run = await openLoop(target, schedule([{ rate: 1000, seconds: 0.03 }], 'even', 1).at);
  const { inTime, connectionP99Ms, p99Ms } = tallied(run, 0.03);
  assert.equal(inTime, 30);
  assert.ok(most <= 3 && run.connections === 3);
  assert.ok((connectionP99Ms ?? 0) > 100 && (p99Ms ?? 0) > 120, 'ten turns of 20 ms for three at a time');
});

test('a request that is given up without a connection was never sent', async t => {
  const target = await served(t, () => undefined, {
    bounds: { warm: 1, most: 1, idleMs: 2000 },
    patienceMs: 100,
  });
  const run = await openLoop(target, schedule([{ rate: 100, seconds: 0.05 }], 'even', 1).at);
  const { abandoned, achieved, offered } = tallied(run, 0.05);
  assert.equal(abandoned, 5);
  assert.ok(achieved < offered);
});

test('nobody listens: every request fails and the run ends', async t => {
  const target = await served(t, () => undefined);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  const run = await openLoop({ ...target, port }, schedule([{ rate: 100, seconds: 0.1 }], 'even', 1).at);
  assert.deepEqual(tallied(run, 0.1).statuses, { failed: 10 });
});

test('a client of a closed loop that is refused leaves the server alone for a while', async t => {
  const target = await served(t, (_request, response) => response.writeHead(429).end(), { pauseMs: 60_000 });
  const { statuses } = tallied(await closedLoop(target, 4, 0.2), 0.2);
  assert.deepEqual(statuses, { '429': 4 });
});
