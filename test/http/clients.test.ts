/**
 * Clients that are slow, idle, many, or gone: each is answered or closed within the server's time, holds little, and keeps
 * nobody else waiting.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { type Program, root, startProgram, until } from '../programs/fairlead.ts';
import { closes, Wire } from './wire.ts';

const body = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'latin1').trim();
const post = `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const MANY = 200;

let server: Program;
before(async () => {
  const limits = ['--request-time', '1s', '--max-body', '1M', '--log-level', 'error'];
  server = await startProgram(['serve', 'examples/digits/models/digits/2', ...limits]);
});
after(() => server.stop());

const many = <T>(make: (index: number) => T, count = MANY): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

async function stillServes(): Promise<void> {
  const wire = new Wire(server.url).send(post);
  assert.equal((await wire.answer()).status, 200);
  wire.leave();
}

async function inFlight(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^predictions_in_flight\{[^}]*\} (\d+)$/m.exec(text)?.[1]);
}

const slow: readonly string[] = [
  '',
  'GET /hea',
  'GET /health HTTP/1.1\r\nHost: x\r\nX-Slow',
  post.slice(0, -40),
  'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n\x1f\x8b',
  'POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc',
  'POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
];

test('clients that send a part and no more are answered 408 and closed, and others are served meanwhile', async () => {
  const wires = many(index => new Wire(server.url).send(slow[index % slow.length] ?? ''), 100 * slow.length);
  await stillServes();
  for (const wire of wires) {
    const first = await wire.answer();
    const answer = first.status === 100 ? await wire.answer() : first;
    assert.equal(answer.status, 408);
    assert(closes(answer));
    assert.equal(await wire.end(), '');
  }
  assert.equal(await inFlight(), 0);
  await stillServes();
});

test('2,000 idle connections hold little, and others are served', async t => {
  const usual = memory();
  const wires: Wire[] = [];
  while (wires.length < 2000) {
    const some = many(() => new Wire(server.url).send('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'), 100);
    for (const wire of some) assert.equal((await wire.answer()).status, 200);
    wires.push(...some);
  }
  await stillServes();
  if (usual === undefined) t.diagnostic('the memory of a process is read from /proc, which is not here');
  else assert((memory() ?? 0) - usual < 100e6, `${memory()} bytes, and ${usual} before`);
  for (const wire of wires) wire.leave();
  await stillServes();
});

function memory(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

test('clients that ask for much and read nothing are closed, and others are served meanwhile', async t => {
  if (process.platform !== 'linux') return t.skip('what a socket holds is read from /proc');
  const wires = many(
    () => new Wire(server.url).stopReading().send('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000)),
    4,
  );
  await stillServes();
  await until(() => connections() > 0);
  await stillServes();
  await until(() => connections() === 0);
  for (const wire of wires) wire.leave();
  await stillServes();
});

/** Of the server's sockets, how many are open with data that nobody takes. */
function connections(): number {
  const port = Number(new URL(server.url).port).toString(16).toUpperCase().padStart(4, '0');
  const open = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/));
  return open.filter(([, local, , state, queues]) => {
    return local?.endsWith(`:${port}`) && state === '01' && !queues?.startsWith('00000000');
  }).length;
}

for (const [name, bytes] of [
  ['as soon as they have connected', ''],
  ['within a header', 'POST /predict HTT'],
  ['within a body', post.slice(0, -40)],
  ['before their answer', post],
  ['before many answers', post.repeat(50)],
  [
    'within a body that is too large',
    `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n{`,
  ],
] as const) {
  test(`${MANY} clients that leave ${name} leave nothing behind`, async () => {
    for (const wire of many(() => new Wire(server.url).send(bytes))) wire.leave();
    await stillServes();
    for (const wire of many(() => new Wire(server.url).send(bytes).half())) wire.leave();
    await until(async () => (await inFlight()) === 0);
    await stillServes();
  });
}

test('a client that sends a body which is refused before it reads has the refusal', async () => {
  const large = Buffer.alloc(20_000_000, ' ');
  for (const close of ['', 'Connection: close\r\n']) {
    const wire = new Wire(server.url);
    const head = `POST /predict HTTP/1.1\r\nHost: x\r\n${close}Content-Length: ${large.length}\r\n\r\n`;
    await wire.sendAll(Buffer.concat([Buffer.from(head), large]));
    assert.equal((await wire.answer()).status, 413);
    wire.leave();
  }
  await stillServes();
});
