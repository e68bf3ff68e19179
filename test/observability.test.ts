/** What a service tells of its work, to a collector, a file and a sink, as a user sets it up. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { folderWith, pythonFor } from '../src/server/runtimes/python/fixtures/python.ts';
import { Rpc } from './conformance/rpc.ts';
import { root, run, running, until } from './programs/fairlead.ts';
import { type Behaviour, type CollectedSpan, collector } from './telemetry/collector.ts';

const DIGITS = join(root, 'examples', 'digits', 'models', 'digits', '1');
const SAMPLE = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'rojo=1' };

async function ask(url: string, body = SAMPLE, more: Record<string, string> = headers): Promise<Response> {
  const response = await fetch(`${url}/predict`, { method: 'POST', body, headers: more });
  await response.arrayBuffer();
  return response;
}

async function metric(url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const values = page.split('\n').filter(line => line.startsWith(name));
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

function file(spec: object): string {
  return JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec });
}

/** `service name` of a span and of all above it. */
function pathsOf(spans: readonly CollectedSpan[]): string[] {
  const found = new Map(spans.map(span => [span.spanId, span]));
  const path = (span: CollectedSpan): string => {
    const above = found.get(span.parentId);
    const own = `${['', '', 'server ', 'client '][span.kind]}${span.name}`;
    return above === undefined ? own : `${path(above)} > ${own}`;
  };
  return spans
    .toSorted((a, b) => path(a).length - path(b).length)
    .map(path)
    .toSorted();
}

const STAGES = ['read', 'decode', 'queue', 'batch', 'batch > run', 'encode', 'write'];

function expected(name: string, stages: readonly string[]): string[] {
  const [gateway, sent] = [`server ${name}`, `server ${name} > client ${name}`];
  const server = `${sent} > server ${name}`;
  return [gateway, sent, server, ...stages.map(stage => `${server} > ${stage}`)].toSorted();
}

/**
 * Spans of one trace lie within one another in time too, to the millisecond that clocks agree on. One of another process may end
 * later: who has its answer has ended, and the process that sent it may be kept waiting for a core before it notes that.
 */
function checkTimes(spans: readonly CollectedSpan[]): void {
  const found = new Map(spans.map(span => [span.spanId, span]));
  const slack = 2_000_000n;
  for (const { name, begun, ended, parentId, service } of spans) {
    assert.ok(begun <= ended, name);
    const above = found.get(parentId);
    if (above === undefined) continue;
    assert.ok(above.begun - slack <= begun, name);
    if (above.service === service) assert.ok(ended <= above.ended + slack, name);
  }
}

test('a request through the gateway is one trace, from what its client sent to the run', async t => {
  const { endpoint, spans, headers: came } = await collector(t);
  const folder = folderWith(t, {
    'fairlead.yaml': file({ model: { uri: DIGITS }, server: { tracing: { endpoint, sample: 0 } } }),
  });
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-token=hush', OTEL_RESOURCE_ATTRIBUTES: 'deployment=test' };
  const { url, stderr } = await running(t, ['up', folder, '--log-level', 'debug'], env);
  assert.equal((await ask(url)).status, 200);
  // Not sampled: neither what says so, nor what says nothing.
  await ask(url, SAMPLE, { traceparent: headers.traceparent.replace(/01$/, '00') });
  await ask(url, SAMPLE, {});
  await until(() => spans.length >= 3 + STAGES.length);
  assert.deepEqual(pathsOf(spans), expected('POST /predict', STAGES));
  checkTimes(spans);
  for (const { traceId, state } of spans) assert.deepEqual([traceId, state], [TRACE, 'rojo=1']);
  const [gateway] = spans.filter(({ parentId }) => parentId === CALLER);
  assert.equal(gateway?.service, 'digits-gateway');
  assert.deepEqual(
    ['http.route', 'http.response.status_code', 'fairlead.revision'].map(name => gateway.attributes[name]),
    ['/predict', 200, spans.find(({ name }) => name === 'POST /predict')?.attributes['fairlead.revision']],
  );
  assert.deepEqual(new Set(spans.map(({ service }) => service)), new Set(['digits', 'digits-gateway']));
  assert.ok(came.every(one => one['x-token'] === 'hush'));
  assert.ok(!stderr().includes('hush'));
  assert.equal(await metric(url, 'gateway_trace_spans_exported_total'), 2);
  assert.equal(await metric(url, 'trace_spans_exported_total'), 1 + STAGES.length);
});

const PYTHON = `
import fairlead

class Doubler:
    inputs = {"x": ("FP32", [-1, 2])}
    outputs = {"y": ("FP32", [-1, 2])}

    def predict(self, inputs):
        print("told", fairlead.traceparent(), len(fairlead.traceparents()), flush=True)
        return {"y": inputs["x"] * 2}
`;

test('a call through the gateway to a model of Python is one trace, which the model can go on with', async t => {
  const interpreter = pythonFor(t, 'numpy');
  if (interpreter === undefined) return;
  const { endpoint, spans } = await collector(t);
  const folder = folderWith(t, {
    'model.py': PYTHON,
    'fairlead.yaml': file({
      model: { uri: '.', name: 'm', version: '1' },
      runtime: { python: { class: 'model:Doubler', interpreter } },
      server: { tracing: { endpoint }, log: { level: 'info' } },
    }),
  });
  const { stderr } = await running(t, ['up', folder]);
  const rpc = new Rpc(/ and grpc:\/\/(\S+):/.exec(stderr())?.[1] ?? '');
  t.after(() => rpc.close());
  const message = {
    model_name: 'm',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } }],
  };
  await rpc.call('ModelInfer', message, { metadata: headers });
  const stages = [...STAGES, 'batch > run > worker'];
  await until(() => spans.length >= 3 + stages.length);
  assert.deepEqual(pathsOf(spans), expected('inference.GRPCInferenceService/ModelInfer', stages));
  checkTimes(spans);
  const worker = spans.find(({ name }) => name === 'worker');
  await until(() => stderr().includes(`told 00-${TRACE}-${worker?.spanId}-01 1`));
  assert.ok(stderr().includes('told None 0'), "warming up is nobody's");
  const ran = spans.find(({ name }) => name === 'run');
  assert.equal(ran?.attributes['fairlead.run.place'], 'processes');
});

test('an edit of the file changes what the gateway traces', async t => {
  const { endpoint, spans } = await collector(t);
  const folder = folderWith(t, { 'fairlead.yaml': file({ model: { uri: DIGITS } }) });
  const { url, stderr } = await running(t, ['up', folder]);
  await ask(url);
  writeFileSync(
    join(folder, 'fairlead.yaml'),
    file({ model: { uri: DIGITS }, server: { tracing: { endpoint, sample: 1 } } }),
  );
  await until(() => stderr().includes('Applied '));
  await ask(url, SAMPLE, {});
  await until(() => spans.length >= 3 + STAGES.length);
  assert.deepEqual(pathsOf(spans), expected('POST /predict', STAGES));
});

/** Collectors as they are on bad days. */
const bad: readonly { name: string; behave: Behaviour }[] = [
  { name: 'answers 500', behave: (_, response) => void response.writeHead(500).end() },
  { name: 'never answers', behave: () => undefined },
  { name: 'ends connections', behave: request => void request.socket.destroy() },
  {
    name: 'answers without end',
    behave: (_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    },
  },
];

for (const { name, behave } of bad) {
  test(`a collector that ${name} costs no request, and what is lost is counted`, async t => {
    const { endpoint, asked } = await collector(t, behave);
    const program = await running(t, ['serve', DIGITS, '--trace-endpoint', endpoint, '--trace-sample', '1']);
    const { url } = program;
    const begun = performance.now();
    // More spans than may wait.
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => ask(url, SAMPLE, {})));
      assert.ok(answers.every(({ status }) => status === 200));
    }
    await until(() => asked() > 0);
    assert.ok(performance.now() - begun < 9000, 'requests waited for the collector, whose time is 10 s');
    assert.ok((await metric(url, 'trace_spans_dropped_total')) >= 8000 - 4096 - 512);
    assert.equal(await metric(url, 'trace_spans_exported_total'), 0);
    assert.equal(await program.stop(), 0);
    const complaints = program.stderr().match(/telemetry does not arrive/g) ?? [];
    assert.ok(complaints.length <= 1, program.stderr());
  });
}

test('records go to a file beside the service file, one line each, and are all there after a stop', async t => {
  const folder = folderWith(t, {
    'fairlead.yaml': file({
      model: { uri: DIGITS },
      replicas: 2,
      server: { payloadLog: { file: 'payload.jsonl', redact: ['pixels'] } },
    }),
  });
  const program = await running(t, ['up', folder]);
  await Promise.all(Array.from({ length: 50 }, () => ask(program.url)));
  await program.stop('SIGINT');
  const lines = readFileSync(join(folder, 'payload.jsonl'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 50);
  for (const line of lines) {
    const record = JSON.parse(line) as Record<string, unknown>;
    const { model, version, protocol, status, trace_id } = record;
    assert.deepEqual([model, version, protocol, status, trace_id], ['digits', '1', 'http', 'success', TRACE]);
    assert.deepEqual(record['inputs'], [
      { name: 'pixels', datatype: 'FP32', shape: [1, 64], redacted: true },
    ]);
  }
});

test('records go to a sink as CloudEvents, and one that hangs costs no request', async t => {
  const bodies: string[] = [];
  const credentialsSeen = new Set<unknown>();
  let hangs = false;
  const taken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    bodies.push(await text(request));
    response.writeHead(202).end();
  };
  const sink = await collector(t, (request, response) => {
    if (hangs) return;
    credentialsSeen.add(request.headers.authorization);
    void taken(request, response);
  });
  const env = { FAIRLEAD_PAYLOAD_LOG_HEADERS: 'authorization=Bearer%20hush' };
  const program = await running(t, ['serve', DIGITS, '--payload-log', sink.endpoint], env);
  await ask(program.url);
  await until(() => bodies.length === 2);
  const types = bodies.map(body => (JSON.parse(body) as { type: string }).type.split('.').at(-1));
  assert.deepEqual(
    [new Set(types), [...credentialsSeen]],
    [new Set(['request', 'response']), ['Bearer hush']],
  );
  hangs = true;
  const begun = performance.now();
  for (let round = 0; round < 180; round++)
    await Promise.all(Array.from({ length: 25 }, () => ask(program.url, SAMPLE, {})));
  assert.ok(performance.now() - begun < 60_000);
  assert.ok((await metric(program.url, 'payload_log_records_total{outcome="dropped"}')) > 0);
  assert.ok(!program.stderr().includes('hush'));
});

test('a name to redact that no model has is told of when the models are loaded', async t => {
  const folder = folderWith(t, {});
  const redact = ['pixels', '/outputs/probabilities', '/outputs/pixels', 'ssn'];
  const flags = ['--payload-log', join(folder, 'x'), ...redact.flatMap(name => ['--payload-redact', name])];
  const { stderr } = await running(t, ['serve', DIGITS, join(DIGITS, '..', '..', 'digits', '2'), ...flags]);
  const told = stderr()
    .split('\n')
    .filter(line => line.includes('to be redacted'))
    .map(line => JSON.parse(line) as { level: string; name: string });
  assert.deepEqual(
    told.map(({ level, name }) => [level, name]),
    [
      ['warn', '/outputs/pixels'],
      ['warn', 'ssn'],
    ],
  );
});

const refused: readonly { args: readonly string[]; says: RegExp }[] = [
  { args: ['--trace-sample', '0.5'], says: /--trace-sample has no effect without --trace-endpoint/ },
  { args: ['--trace-endpoint', 'collector:4318'], says: /--trace-endpoint must be an http:\/\/ or https:/ },
  { args: ['--trace-endpoint', 'http://me:hush@c/v1/traces'], says: /must hold no user or password/ },
  { args: ['--log-requests', '1.5'], says: /--log-requests must be a number from 0 to 1, not '1\.5'/ },
  { args: ['--payload-redact', 'x'], says: /--payload-redact has no effect without --payload-log/ },
  {
    args: ['--payload-log', 'x', '--payload-form', 'binary'],
    says: /--payload-form has no effect on a file/,
  },
  { args: ['--payload-log', '/none/x'], says: /the payload log \/none\/x cannot be written/ },
];

for (const { args, says } of refused) {
  test(`serve says what is wrong with ${args.join(' ')}`, async () => {
    const { code, stderr } = await run(['serve', DIGITS, ...args]);
    assert.match(stderr, says);
    assert.ok(!stderr.includes('hush'));
    assert.ok(code === 2 || code === 3);
  });
}
