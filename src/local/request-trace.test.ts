import assert from 'node:assert/strict';
import test from 'node:test';
import type { Span, TraceContext, Tracer } from '#base';
import { RequestTrace, type TracedRequest } from './request-trace.ts';
import { httpTrace, rpcTrace } from './traced-requests.ts';

const endpoint = { revision: 'digits-16b18e16', server: 0, host: '127.0.0.1', port: 9, grpcPort: 10 };

const facts = {
  method: 'POST',
  path: '/v1/models/digits/versions/2:predict?api_key=hush',
  header: () => undefined,
  requestId: 'r',
  peer: '10.0.0.1',
  isSecure: true,
};

function tracing(flags: number, isForeign = false) {
  const spans: Span[] = [];
  let [count, now] = [0, 0];
  const below = (parent: TraceContext): TraceContext => ({ ...parent, spanId: `s${++count}` });
  const tracer: Tracer = {
    begin: parent => below(parent ?? { traceId: 't', spanId: '', flags, state: '' }),
    below,
    record: some => void spans.push(...some),
  };
  const clock = { now: () => now++, date: () => new Date(0) };
  return { ports: { tracer, clock, isForeign: () => isForeign }, spans };
}

test('a request that is sent again has a span for each try, below its own', () => {
  const { ports, spans } = tracing(1);
  const trace = httpTrace(ports, facts);
  const tries = [trace?.send(endpoint)];
  trace?.sent({ error: 'ECONNRESET' });
  tries.push(trace?.send({ ...endpoint, port: 11 }));
  trace?.close({ status: 200, revision: endpoint.revision });
  trace?.close({ error: 'client_gone' });
  assert.deepEqual(
    spans.map(({ kind, context, parent, begun, ended, error, attributes: told }) => [
      kind,
      context.spanId,
      parent?.spanId,
      [begun, ended],
      error,
      told['server.port'],
      told['http.request.resend_count'],
      told['http.response.status_code'],
    ]),
    [
      ['client', 's2', 's1', [1, 2], 'ECONNRESET', 9, undefined, undefined],
      ['client', 's3', 's1', [3, 4], undefined, 11, 1, 200],
      ['server', 's1', undefined, [0, 5], undefined, undefined, undefined, 200],
    ],
  );
  assert.deepEqual(
    tries.map(one => one?.spanId),
    ['s2', 's3'],
  );
  assert.equal(spans[0]?.attributes['url.scheme'], undefined, 'servers are not asked over TLS');
  assert.deepEqual(spans.at(-1)?.attributes, {
    'http.request.method': 'POST',
    'http.route': '/v1/models/{model}/versions/{version}:predict',
    'url.path': '/v1/models/digits/versions/2:predict',
    'url.scheme': 'https',
    'fairlead.request.id': 'r',
    'client.address': '10.0.0.1',
    'http.response.status_code': 200,
    'error.type': undefined,
    'fairlead.revision': 'digits-16b18e16',
  });
});

test('what is not recorded goes on under one context, so that nobody below decides anew', () => {
  const { ports, spans } = tracing(0);
  const trace = httpTrace(ports, facts);
  assert.deepEqual([trace?.send(endpoint).spanId, trace?.send(endpoint).flags], ['s1', 0]);
  trace?.close({ status: 200 });
  assert.deepEqual(spans, []);
});

test('only predictions are traced', () => {
  const { ports } = tracing(1);
  for (const path of ['/v2/health/ready', '/v2/models/m', '/v1/models/m', '/openapi.json', '/predicted'])
    assert.equal(httpTrace(ports, { ...facts, path }), undefined, path);
  for (const path of ['/inference.GRPCInferenceService/ServerLive', '/x.Y/Predict'])
    assert.equal(rpcTrace(ports, { ...facts, path }), undefined, path);
  assert.ok(rpcTrace(ports, { ...facts, path: '/tensorflow.serving.PredictionService/Classify' }));
});

test('what is posted to a server of others is traced whatever its path, and so are its calls', () => {
  const { ports, spans } = tracing(1, true);
  httpTrace(ports, { ...facts, path: `/v1/chat/${'x'.repeat(1000)}?key=hush` })?.close({});
  rpcTrace(ports, { ...facts, path: '/my.Chat/Say' })?.close({});
  assert.deepEqual(
    spans.map(({ name, attributes: told }) => [name, told['http.route'], String(told['url.path']).length]),
    [
      ['POST', undefined, 200],
      ['my.Chat/Say', undefined, 9],
    ],
  );
  assert.equal(httpTrace(ports, { ...facts, method: 'GET', path: '/v1/models' }), undefined);
  for (const path of ['/grpc.health.v1.Health/Check', '/x', '/a/b/c', `/a/${'x'.repeat(101)}`])
    assert.equal(rpcTrace(ports, { ...facts, path }), undefined, path);
});

test('where nothing is traced there is nothing to do', () => {
  const request: TracedRequest = {
    parent: undefined,
    name: 'x',
    arrival: {},
    attributes: {},
    statusAttribute: 'rpc.grpc.status_code',
  };
  const tracer: Tracer = { begin: () => undefined, below: parent => parent, record: () => assert.fail() };
  assert.equal(RequestTrace.of({ ...tracing(1).ports, tracer }, request), undefined);
});
