/** Traces where a request's way is not the usual one: servers that die, doors with TLS, servers of others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { folderOf, makeCertificate, writeCertificate } from '../src/net/fixtures/certificates.ts';
import { folderWith } from '../src/server/runtimes/python/fixtures/python.ts';
import { Rpc } from './conformance/rpc.ts';
import { type Program, root, running, until } from './programs/fairlead.ts';
import { ask as askSecurely, startSecure } from './programs/secure.ts';
import { type CollectedSpan, collector } from './telemetry/collector.ts';

const DIGITS = join(root, 'examples', 'digits', 'models', 'digits', '1');
const SAMPLE = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');

const CLIENT = 3;

function file(spec: object): string {
  return JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec });
}

function parentOf(trace: string): string {
  return `00-${trace.repeat(32)}-${'c'.repeat(16)}-01`;
}

async function predict(program: Program, trace: string): Promise<void> {
  const headers = { traceparent: parentOf(trace) };
  const response = await fetch(`${program.url}/predict`, { method: 'POST', body: SAMPLE, headers });
  await response.arrayBuffer();
  assert.equal(response.status, 200);
}

async function infer(t: TestContext, program: Program, trace: string): Promise<void> {
  const rpc = new Rpc(/ and grpc:\/\/(\S+):/.exec(program.stderr())?.[1] ?? '');
  t.after(() => rpc.close());
  const contents = { fp32_contents: Array.from({ length: 64 }, () => 1) };
  const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], contents }];
  const metadata = { traceparent: parentOf(trace) };
  await rpc.call('ModelInfer', { model_name: 'digits', inputs }, { metadata });
}

const ways = {
  HTTP: (_: TestContext, program: Program, trace: string) => predict(program, trace),
  gRPC: infer,
};

for (const [name, send] of Object.entries(ways)) {
  test(`over ${name}, a request whose server is killed has a client span for each of its tries`, async t => {
    const { endpoint, spans } = await collector(t);
    const server = { tracing: { endpoint, sample: 0 } };
    const folder = folderWith(t, {
      'fairlead.yaml': file({ model: { uri: DIGITS }, replicas: 2, server }),
    });
    const program = await running(t, ['up', folder]);
    const pids = (): number[] =>
      [...program.stderr().matchAll(/ is ready at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
    await until(() => pids().length === 2);
    const [victim = 0] = pids();
    process.kill(victim, 'SIGSTOP');
    // One of them has come to it, and waits there.
    const sent = [send(t, program, 'a'), send(t, program, 'b')];
    await Promise.race(sent);
    process.kill(victim, 'SIGKILL');
    await Promise.all(sent);
    const tries = (): CollectedSpan[] => spans.filter(({ kind }) => kind === CLIENT);
    await until(() => tries().length === 3 && spans.filter(one => one.name === 'write').length === 2);
    const again = tries().find(one => one.attributes['http.request.resend_count'] === 1);
    const [failed, answered] = tries().filter(({ traceId }) => traceId === again?.traceId);
    assert.equal(answered, again);
    assert.equal(failed?.parentId, answered?.parentId);
    assert.ok(failed?.error !== undefined && answered?.error === undefined, failed?.error);
    const below = (span: CollectedSpan | undefined): number =>
      spans.filter(({ parentId }) => parentId === span?.spanId).length;
    assert.deepEqual([below(failed), below(answered)], [0, 1], 'only the second try was answered');
    const whole = spans.find(({ spanId }) => spanId === failed?.parentId);
    assert.deepEqual([whole?.parentId, whole?.error], ['c'.repeat(16), undefined]);
    assert.notEqual(failed?.attributes['server.port'], answered?.attributes['server.port']);
  });
}

for (const verb of ['serve', 'up'] as const) {
  test(`a trace of ${verb} tells that its client spoke TLS, and never what it showed of credentials`, async t => {
    const { endpoint, spans } = await collector(t);
    const authority = makeCertificate({ name: 'authority' });
    const made = folderOf(t);
    const tls = writeCertificate(made, makeCertificate({ name: 'server', by: authority }));
    const folder = folderWith(t, {
      'fairlead.yaml': file({
        model: { uri: DIGITS },
        server: {
          tls,
          tracing: { endpoint, sample: 1 },
          log: { level: 'debug', requests: 1, slow: '1ms' },
          payloadLog: { file: join(made, 'payload.jsonl') },
        },
      }),
    });
    const settings = {
      'tls-certificate': tls.certificate,
      'tls-key': tls.key,
      'trace-endpoint': endpoint,
      'trace-sample': '1',
      'log-level': 'debug',
      'log-requests': '1',
      'log-slow': '1ms',
      'payload-log': join(made, 'payload.jsonl'),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const args = verb === 'up' ? ['up', folder] : ['serve', DIGITS, ...flags];
    const program = await startSecure(t, args, { ca: authority.certificate });
    const headers = { authorization: 'Bearer hush', 'x-api-key': 'hush', cookie: 'hush' };
    const options = { ca: authority.certificate, body: SAMPLE, headers };
    assert.equal((await askSecurely(`${program.url}/predict?api_key=hush`, options)).status, 200);
    await until(() => spans.length >= (verb === 'up' ? 10 : 8));
    const told = spans.filter(({ kind }) => kind === 2).map(({ attributes }) => attributes['url.scheme']);
    assert.deepEqual(new Set(told), new Set(['https']));
    program.child.kill('SIGTERM');
    await program.exited;
    const records = readFileSync(join(made, 'payload.jsonl'), 'utf8');
    assert.equal(records.trimEnd().split('\n').length, 1);
    assert.match(program.stderr(), /"message":"prediction"/);
    assert.match(program.stderr(), /"message":"slow prediction"/);
    const all = JSON.stringify(spans, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    for (const text of [records, program.stderr(), all]) assert.ok(!text.includes('hush'), text);
  });
}

/** Tells what a server of the user's own was told. */
const ECHO = `
import { createServer } from 'node:http';
createServer((request, response) => response.end(JSON.stringify(request.headers)))
  .listen(process.env.PORT, process.env.HOST);
`;

test('a server of the user’s own is told of the trace, whatever its paths are', async t => {
  const { endpoint, spans } = await collector(t);
  const folder = folderWith(t, {
    'echo.mjs': ECHO,
    weights: 'w',
    'fairlead.yaml': file({
      model: { uri: './weights' },
      runtime: {
        custom: { command: [process.execPath, 'echo.mjs'], protocol: 'http', health: { ready: '/ready' } },
      },
      server: { tracing: { endpoint, sample: 0 } },
    }),
  });
  const { url } = await running(t, ['up', folder]);
  const headers = { traceparent: parentOf('a'), tracestate: 'rojo=1' };
  const response = await fetch(`${url}/generate?key=hush`, { method: 'POST', body: '{}', headers });
  const came = (await response.json()) as Record<string, string>;
  await until(() => spans.length === 2);
  const [own, asked] = [2, CLIENT].map(kind => spans.find(span => span.kind === kind));
  assert.deepEqual([own?.parentId, asked?.parentId], ['c'.repeat(16), own?.spanId]);
  assert.deepEqual(
    [came['traceparent'], came['tracestate']],
    [`00-${'a'.repeat(32)}-${asked?.spanId}-01`, 'rojo=1'],
  );
  assert.deepEqual([own?.name, own?.attributes['url.path']], ['POST', '/generate']);
});

/** Takes a request and dies of it. */
const DIES = `
import { createServer } from 'node:http';
createServer((request, response) => request.method === 'POST' ? process.exit(1) : response.end())
  .listen(process.env.PORT, process.env.HOST);
`;

test('a client that leaves within its body is told of, and its server has answered nothing', async t => {
  const { endpoint, spans } = await collector(t);
  const server = { tracing: { endpoint, sample: 1 } };
  const folder = folderWith(t, { 'fairlead.yaml': file({ model: { uri: DIGITS }, server }) });
  const { url } = await running(t, ['up', folder]);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end('POST /models/digits/predict HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{');
  t.after(() => socket.destroy());
  const asked = (): CollectedSpan | undefined => spans.find(({ kind }) => kind === CLIENT);
  await until(() => asked() !== undefined);
  assert.equal(asked()?.error, 'client_gone');
  assert.equal(asked()?.attributes['http.response.status_code'], undefined);
});

test('what the gateway answers for a server that died is told as its own answer', async t => {
  const { endpoint, spans } = await collector(t);
  const folder = folderWith(t, {
    'dies.mjs': DIES,
    weights: 'w',
    'fairlead.yaml': file({
      model: { uri: './weights' },
      runtime: {
        custom: { command: [process.execPath, 'dies.mjs'], protocol: 'http', health: { ready: '/ready' } },
      },
      server: { tracing: { endpoint, sample: 1 } },
    }),
  });
  const { url } = await running(t, ['up', folder]);
  const { status } = await fetch(`${url}/generate`, { method: 'POST', body: '{}' });
  await until(() => spans.length === 2);
  const statusOf = (wanted: number): unknown =>
    spans.find(({ kind }) => kind === wanted)?.attributes['http.response.status_code'];
  assert.deepEqual([status, statusOf(2), statusOf(CLIENT)], [503, 503, undefined]);
});
