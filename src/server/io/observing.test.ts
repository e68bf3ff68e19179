/** What a server tells of predictions: spans, lines and records, the same whatever protocol they came by. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { type Logger, type Span, systemClock, type TraceContext } from '#base';
import type { PayloadRecord, Records, Tracing } from '#telemetry';
import { modelFile, onnxModel } from '../fixtures/onnx-file.ts';
import { slowModel } from '../fixtures/slow-model.ts';
import { usualSettings } from '../models/settings.ts';
import type { ObserverSettings } from '../observing/observer.ts';
import { encode } from '../protobuf/codec.ts';
import { ModelInferRequest } from '../protobuf/oip-infer.ts';
import { PredictionService } from '../protobuf/tensorflow-serving.ts';
import { tensorProto } from '../protocols/tfserving/tensor-proto.ts';
import { onnxRuntime } from '../runtimes/io/onnx.ts';
import type { Tensor } from '../tensors/tensor.ts';
import type { ObservingPorts } from './observing.ts';
import { ModelServer, type ModelToServe, type ServerConfig } from './server.ts';

const TOLD = { sent: 1, dropped: 2, failed: 3 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

/** Traces what its client traces, and nothing else. Ids count. */
class Collecting implements Tracing {
  readonly told = TOLD;
  readonly spans: Span[] = [];
  #count = 0;

  begin(parent: TraceContext | undefined): TraceContext {
    return this.below(parent ?? { traceId: 'f'.repeat(32), spanId: '', flags: 0, state: '' });
  }

  below(parent: TraceContext): TraceContext {
    return { ...parent, spanId: String(++this.#count).padStart(16, '0') };
  }

  record(spans: readonly Span[]): void {
    this.spans.push(...spans);
  }

  async close(): Promise<void> {}

  /** Each span's name behind those above it. */
  get paths(): string[] {
    const named = new Map(this.spans.map(span => [span.context.spanId, span]));
    const pathOf = (span: Span): string => {
      const above = named.get(span.parent?.spanId ?? '');
      return above === undefined ? span.name : `${pathOf(above)} > ${span.name}`;
    };
    return this.spans.toSorted((a, b) => a.begun - b.begun || b.ended - a.ended).map(pathOf);
  }
}

class Keeping implements Records {
  readonly told = TOLD;
  readonly kept: PayloadRecord[] = [];

  offer(record: PayloadRecord): void {
    this.kept.push(record);
  }

  async close(): Promise<void> {}
}

interface Told {
  readonly url: string;
  readonly grpc: string;
  readonly lines: { level: string; message: string; facts: Readonly<Record<string, unknown>> }[];
}

interface Setting extends ObservingPorts {
  readonly observing?: Partial<ObserverSettings>;
  readonly config?: Partial<ServerConfig>;
}

async function start(t: TestContext, bytes: Buffer, setting: Setting): Promise<Told> {
  const { observing, config, ...ports } = setting;
  const lines: Told['lines'] = [];
  const logger: Logger = {
    enabled: level => level !== 'debug',
    log: (level, message, facts = {}) => void lines.push({ level, message, facts }),
  };
  const model: ModelToServe = { name: 'm', version: '1', path: modelFile(t, bytes) };
  const server = new ModelServer(
    {
      models: [model],
      host: '127.0.0.1',
      port: 0,
      grpcPort: 0,
      settings: usualSettings,
      maxBody: 1_000_000,
      maxInFlight: 64,
      requestTimeMs: 5000,
      drainDelayMs: 0,
      graceMs: 5000,
      observing: { revision: 'm-00000000', requests: 0, slowMs: Number.POSITIVE_INFINITY, ...observing },
      ...config,
    },
    {
      clock: systemClock,
      logger,
      runtime: onnxRuntime,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: ms => setTimeout(ms, undefined, { ref: false }),
      ...ports,
    },
  );
  const { http: url, grpc = '' } = await server.listen();
  t.after(() => server.close());
  await server.load();
  lines.length = 0;
  return { url, grpc: grpc.replace('grpc://', ''), lines };
}

/** Two inputs and two outputs, each as it came. */
const pair = onnxModel({
  inputs: ['a', 'b'].map(name => ({ name, type: 1, shape: ['N', 2] })),
  outputs: ['c', 'd'].map(name => ({ name, type: 1, shape: ['N', 2] })),
  nodes: [
    { op: 'Identity', inputs: ['a'], outputs: ['c'] },
    { op: 'Identity', inputs: ['b'], outputs: ['d'] },
  ],
});

/** y = x gathered by i: an index out of range fails the whole run. */
const gather = onnxModel({
  inputs: [{ name: 'i', type: 7, shape: ['N'] }],
  outputs: [{ name: 'y', type: 1, shape: ['N'] }],
  nodes: [{ op: 'Gather', inputs: ['w', 'i'], outputs: ['y'] }],
  weights: { w: [10, 20, 30] },
});

const headers = { traceparent: PARENT, 'x-request-id': 'mine' };

async function post(url: string, body: string | Buffer, more: Record<string, string> = {}): Promise<number> {
  const options = {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { ...headers, ...more },
  };
  const response = await fetch(url, options);
  await response.arrayBuffer();
  return response.status;
}

function call(grpc: string, path: string, message: Buffer): Promise<void> {
  const client = new Client(grpc, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, message, metadata, error => {
      client.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Its last piece goes out after its answer. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

const [A, B] = [
  [
    [1.5, 0.1],
    [-2, 3e9],
  ],
  [
    [0, -0],
    [4, 5],
  ],
];

function tensor(values: readonly (readonly number[])[] = []): Tensor {
  return { datatype: 'FP32', shape: [2, 2], data: Float32Array.from(values.flat()) };
}

function raw(values: readonly (readonly number[])[] = []): Buffer {
  return Buffer.from(Float32Array.from(values.flat()).buffer);
}

/** The same request by every protocol. */
const forms: Readonly<Record<string, (at: Told) => Promise<unknown>>> = {
  plain: ({ url }) =>
    post(`${url}/predict`, JSON.stringify({ inputs: { a: A, b: B } }).replace('[0,0]', '[0,-0.0]')),
  'TensorFlow Serving by columns': ({ url }) =>
    post(
      `${url}/v1/models/m:predict`,
      JSON.stringify({ inputs: { a: A, b: B } }).replace('[0,0]', '[0,-0.0]'),
    ),
  'TensorFlow Serving by rows': ({ url }) =>
    post(
      `${url}/v1/models/m:predict`,
      '{"instances":[{"a":[1.5,0.1],"b":[0,-0.0]},{"a":[-2,3e9],"b":[4,5]}]}',
    ),
  'V2 with JSON': ({ url }) =>
    post(
      `${url}/v2/models/m/infer`,
      '{"inputs":[{"name":"b","datatype":"FP32","shape":[2,2],"data":[0,-0.0,4,5]},{"name":"a","datatype":"FP32","shape":[2,2],"data":[1.5,0.1,-2,3e9]}]}',
    ),
  'V2 with bytes, compressed': ({ url }) => {
    const part = (name: string): object => ({
      name,
      datatype: 'FP32',
      shape: [2, 2],
      parameters: { binary_data_size: 16 },
    });
    const head = Buffer.from(
      JSON.stringify({ inputs: [part('a'), part('b')], parameters: { binary_data_output: true } }),
    );
    return post(`${url}/v2/models/m/infer`, gzipSync(Buffer.concat([head, raw(A), raw(B)])), {
      'inference-header-content-length': String(head.length),
      'content-encoding': 'gzip',
    });
  },
  'V2 over gRPC': ({ grpc }) => {
    const part = (name: string): object => ({ name, datatype: 'FP32', shape: [2n, 2n] });
    const message = encode(ModelInferRequest, {
      model_name: 'm',
      inputs: [part('a'), part('b')],
      raw_input_contents: [raw(A), raw(B)],
    });
    return call(grpc, '/inference.GRPCInferenceService/ModelInfer', message);
  },
  'TensorFlow Serving over gRPC': ({ grpc }) => {
    const message = encode(PredictionService.methods.Predict.request, {
      model_spec: { name: 'm' },
      inputs: new Map([
        ['a', tensorProto(tensor(A))],
        ['b', tensorProto(tensor(B))],
      ]),
    });
    return call(grpc, '/tensorflow.serving.PredictionService/Predict', message);
  },
};

const KEPT = { payload: { sample: 1, redact: ['/outputs/c'], maxBytes: 1000 } };

test('a request has the same record by every protocol, with what is redacted left out', async t => {
  const records = new Keeping();
  const at = await start(t, pair, { records, observing: KEPT });
  for (const [name, ask] of Object.entries(forms)) {
    await ask(at);
    await until(() => records.kept.length > 0);
    const [record] = records.kept.splice(0);
    assert.equal(
      record?.inputs,
      '[{"name":"a","datatype":"FP32","shape":[2,2],"data":[1.5,0.1,-2.0,3000000000.0]},{"name":"b","datatype":"FP32","shape":[2,2],"data":[0.0,-0.0,4.0,5.0]}]',
      name,
    );
    assert.equal(
      record.outputs,
      '[{"name":"c","datatype":"FP32","shape":[2,2],"redacted":true},{"name":"d","datatype":"FP32","shape":[2,2],"data":[0.0,-0.0,4.0,5.0]}]',
      name,
    );
    const { model, version, revision, status, error } = record;
    assert.deepEqual(
      [model, version, revision, status, error],
      ['m', '1', 'm-00000000', 'success', undefined],
    );
    assert.ok(record.seconds > 0 && !Number.isNaN(Date.parse(record.time)));
  }
});

test('what fails is recorded with what was read of it, and its code', async t => {
  const records = new Keeping();
  const { url } = await start(t, gather, { records, observing: KEPT });
  await post(`${url}/predict`, '{"inputs":[7]}');
  await post(`${url}/predict`, '{"inputs":["secret"]}');
  await until(() => records.kept.length === 2);
  assert.deepEqual(
    records.kept.map(({ status, error, inputs, outputs }) => [status, error, inputs, outputs]),
    [
      [
        'server_error',
        'inference_failed',
        '[{"name":"i","datatype":"INT64","shape":[1],"data":[7]}]',
        undefined,
      ],
      ['client_error', 'input_invalid', undefined, undefined],
    ],
  );
  assert.ok(!JSON.stringify(records.kept).includes('secret'));
});

const STAGES = ['read', 'decode', 'queue', 'batch', 'batch > run', 'encode', 'write'];

test('the spans over HTTP are those of the stages, in their order, below what the client sent', async t => {
  const tracing = new Collecting();
  const at = await start(t, pair, { tracing });
  const body = JSON.stringify({ inputs: { a: A, b: B } });
  const forwarded = { 'x-forwarded-for': '10.0.0.7, 10.0.0.8', 'x-forwarded-proto': 'https' };
  await post(`${at.url}/predict`, body, forwarded);
  await until(() => tracing.spans.length > STAGES.length);
  const root = 'POST /predict';
  assert.deepEqual(tracing.paths, [root, ...STAGES.map(stage => `${root} > ${stage}`)]);
  const [own] = tracing.spans;
  assert.deepEqual(
    [own?.parent?.spanId, own?.context.traceId, own?.kind],
    ['00f067aa0ba902b7', TRACE, 'server'],
  );
  const {
    'http.request.body.size': asked,
    'http.response.body.size': answered,
    ...told
  } = own?.attributes ?? {};
  assert.deepEqual(told, {
    'http.request.method': 'POST',
    'http.route': '/predict',
    'http.response.status_code': 200,
    'url.path': '/predict',
    'url.scheme': 'https',
    'client.address': '10.0.0.7',
    'error.type': undefined,
    'fairlead.model.name': 'm',
    'fairlead.model.version': '1',
    'fairlead.revision': 'm-00000000',
    'fairlead.request.id': 'mine',
    'fairlead.outcome': 'success',
  });
  assert.ok(Number(asked) > 40 && Number(answered) > 80, `${String(asked)} ${String(answered)}`);
});

test('the spans over gRPC are the same, below a call', async t => {
  const tracing = new Collecting();
  const at = await start(t, pair, { tracing });
  await forms['V2 over gRPC']?.(at);
  await until(() => tracing.spans.length > STAGES.length);
  const root = 'inference.GRPCInferenceService/ModelInfer';
  assert.deepEqual(tracing.paths, [root, ...STAGES.map(stage => `${root} > ${stage}`)]);
  const [own] = tracing.spans;
  const { attributes = {} } = own ?? {};
  assert.deepEqual(
    ['rpc.system', 'rpc.service', 'rpc.method', 'rpc.grpc.status_code', 'client.address'].map(
      name => attributes[name],
    ),
    ['grpc', 'inference.GRPCInferenceService', 'ModelInfer', 0, '127.0.0.1'],
  );
  assert.deepEqual([own?.parent?.spanId, attributes['fairlead.request.id']], ['00f067aa0ba902b7', 'mine']);
});

test('requests that share a run each have a span of it, which tells of the others', async t => {
  const tracing = new Collecting();
  const { url } = await start(t, pair, {
    tracing,
    config: { settings: { ...usualSettings, maxDelayMs: 100 } },
  });
  const body = JSON.stringify({ inputs: { a: A, b: B } });
  await Promise.all([1, 2, 3].map(() => post(`${url}/predict`, body)));
  const batches = (): Span[] => tracing.spans.filter(({ name }) => name === 'batch');
  await until(() => batches().length === 3);
  for (const { attributes, links = [], context } of batches()) {
    const requests = Number(attributes['fairlead.batch.requests']);
    assert.equal(attributes['fairlead.batch.rows'], 2 * requests);
    assert.equal(links.length, requests - 1);
    assert.ok(links.every(({ spanId }) => spanId !== context.spanId));
  }
  assert.ok(
    batches().some(({ links }) => links?.length === 2),
    'they did not run together',
  );
});

test('a failed request says so with its code, and what a client did wrong is no fault of the server', async t => {
  const tracing = new Collecting();
  const { url } = await start(t, gather, { tracing });
  const roots = (): Span[] => tracing.spans.filter(({ kind }) => kind === 'server');
  for (const [path, body] of [
    ['/predict', '{"inputs":[7]}'],
    ['/predict', '{"inputs":"x"}'],
    ['/models/none/predict', '{"inputs":[1]}'],
  ] as const) {
    const before = roots().length;
    await post(url + path, body);
    await until(() => roots().length > before);
  }
  assert.deepEqual(
    roots().map(({ name, error, attributes: told }) => [
      name,
      told['http.response.status_code'],
      told['error.type'],
      error,
    ]),
    [
      ['POST /predict', 500, 'inference_failed', 'inference_failed'],
      ['POST /predict', 422, 'input_invalid', undefined],
      ['POST /models/{model}/predict', 404, 'model_unknown', undefined],
    ],
  );
  const failed = tracing.spans.find(({ name }) => name === 'run');
  assert.equal(failed?.error, 'inference_failed', 'the message tells the index that was sent');
});

test('a trace that is not recorded has no spans, and health is not traced', async t => {
  const tracing = new Collecting();
  const { url } = await start(t, pair, { tracing });
  await post(`${url}/predict`, '{}', { traceparent: PARENT.replace(/01$/, '00') });
  await fetch(`${url}/health`, { headers });
  await fetch(`${url}/v2/models/m`, { headers });
  assert.deepEqual(tracing.spans, []);
});

test('a slow prediction is told of, with where the time went, and a quick one is not', async t => {
  const { url, lines } = await start(t, slowModel(40), {
    observing: { slowMs: 60 },
    config: { settings: { ...usualSettings, place: 'inline' } },
  });
  await post(`${url}/predict`, JSON.stringify({ inputs: [Array.from({ length: 2 }, () => 0)] }));
  await post(`${url}/predict`, JSON.stringify({ inputs: [Array.from({ length: 500 }, () => 0)] }));
  await until(() => lines.length > 0);
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [['warn', 'slow prediction']],
  );
  const facts = lines[0]?.facts ?? {};
  const parts = ['read', 'decode', 'queue', 'join', 'run', 'split', 'encode', 'write'].map(part =>
    Number(facts[`${part}_s`]),
  );
  const [run = 0, all] = [parts[4], Number(facts['seconds'])];
  assert.ok(run > 0.03 && run === Math.max(...parts), JSON.stringify(facts));
  const sum = parts.reduce((total, part) => total + part, 0);
  assert.ok(Math.abs(sum - all) < 1e-5, `${sum} of ${all}`);
});

test('each prediction may have a line, which holds nothing of what was sent', async t => {
  const { url, lines } = await start(t, pair, { observing: { requests: 1 } });
  await post(`${url}/predict?api_key=hush`, '{"inputs":{"a":[[12345.5,1]],"b":[[1,1]]}}', {
    authorization: 'Bearer hush',
    'x-api-key': 'hush',
    cookie: 'hush',
  });
  await post(`${url}/models/none/predict?api_key=hush`, '{"inputs":["hush"]}');
  await post(`${url}/predict`, '{"inputs":{"a":[["hush",1]],"b":[[1,1]]}}');
  await post(`${url}/predict`, '{"inputs":{"hush":[[1,1]],"b":[[1,1]]}}');
  await until(() => lines.length === 7);
  assert.ok(!/hush|12345/.test(JSON.stringify(lines)), JSON.stringify(lines));
  const { seconds, bytes_in, bytes_out, ...facts } = lines[0]?.facts ?? {};
  assert.deepEqual(facts, {
    request_id: 'mine',
    trace_id: TRACE,
    method: 'POST',
    path: '/predict',
    model: 'm',
    version: '1',
    status: 200,
    outcome: 'success',
    code: undefined,
    rows: 1,
  });
  assert.ok(Number(seconds) > 0 && bytes_in === 42 && Number(bytes_out) > 40, JSON.stringify(lines[0]));
});

test('what was lost is told by metrics', async t => {
  const { url } = await start(t, pair, { tracing: new Collecting(), records: new Keeping() });
  for (let asked = 0; asked < 2; asked++) {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const line of [
      'trace_spans_exported_total 1',
      'trace_spans_dropped_total{reason="queue_full"} 2',
      'trace_spans_dropped_total{reason="export_failed"} 3',
      'payload_log_records_total{outcome="written"} 1',
      'payload_log_records_total{outcome="dropped"} 2',
      'payload_log_records_total{outcome="failed"} 3',
    ])
      assert.ok(text.includes(`\n${line}\n`), line);
  }
});
