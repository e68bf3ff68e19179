import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Logger, systemClock } from '#base';
import { HttpDoor } from '#net';
import { Admission } from '../admission.ts';
import type { Submitted } from '../batching/port.ts';
import { modelMetrics } from '../metrics/model-metrics.ts';
import { Registry } from '../metrics/registry.ts';
import { Directory } from '../models/directory.ts';
import { RunningModel } from '../models/running.ts';
import { usualSettings } from '../models/settings.ts';
import type { InferRequest } from '../models/signature.ts';
import { Predictions } from '../predictions.ts';
import { predict } from '../protocols/predict.ts';
import { ModelStatistics } from '../statistics/model-statistics.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { Translation } from '../translation/io/translation.ts';
import { Front } from './front.ts';

const silent: Logger = { enabled: () => false, log: () => {} };
const MOST_BYTES = 2_000_000;
const MOST_BODY = 1_000_000;

interface Bench {
  readonly url: URL;
  readonly admission: Admission;
  /** Resolves with what ends the run of the next request, whose answer is its input, or an error. */
  readonly asked: Promise<(outputs: readonly Tensor[] | Error) => void>;
}

/** A front with a model that answers when it is told to. */
async function bench(t: TestContext): Promise<Bench> {
  const asked = Promise.withResolvers<Awaited<Bench['asked']>>();
  const submit = ({ rows }: InferRequest): Submitted => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Tensor[]>();
    asked.resolve(outcome => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
    const times = { rows, queueMs: 0, inputMs: 0, inferMs: 0, outputMs: 0 };
    // It is being run, and cannot be taken back.
    return { outputs: promise, times, cancel: () => undefined };
  };
  const identity = { name: 'm', version: '1' };
  const signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
    batched: true,
  } as const;
  const metrics = modelMetrics(new Registry(), identity);
  const model = new RunningModel({
    ...identity,
    platform: 'test',
    signature,
    shapes: [],
    settings: usualSettings,
    executor: { submit, idle: async () => {}, close: () => {} },
    statistics: new ModelStatistics(),
    metrics,
    model: { place: 'inline', width: 1, signature, run: async () => [], close: async () => {} },
  });
  const models = new Directory<RunningModel>([identity]);
  models.serve(model);
  const admission = new Admission({ inFlight: 1, bodyBytes: MOST_BYTES });
  const translation = new Translation();
  const front = new Front({
    clock: systemClock,
    logger: silent,
    freshId: () => 'id',
    protocols: [predict],
    models,
    predictions: new Predictions({ models, metricsOf: () => metrics, admission }),
    translation,
    admission,
    maxBody: MOST_BODY,
  });
  const limits = { headersMs: 60_000, requestMs: 60_000, idleMs: 60_000, silentMs: 60_000 };
  const door = await HttpDoor.open({ host: '127.0.0.1', port: 0, limits });
  door.serve(front.handle);
  t.after(async () => {
    await door.close(0);
    await translation.close();
  });
  const url = new URL(`${door.url}/predict`);
  return { url, admission, asked: asked.promise };
}

/** Waits until nothing is held any more, if the test's own time lets it. */
async function nothingHeld(admission: Admission): Promise<void> {
  while (isHeld(admission)) await new Promise(resolve => setImmediate(resolve));
}

function isHeld(admission: Admission): boolean {
  try {
    admission.hold(MOST_BYTES);
    admission.release(MOST_BYTES);
    admission.check({ inFlight: 0 });
    return false;
  } catch {
    return true;
  }
}

const answer: readonly Tensor[] = [{ datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) }];
const good = '{"inputs": [[1]]}';
const large = `{"inputs": [[${'1,'.repeat(200_000)}1]]}`;

const ends: readonly {
  name: string;
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
  run?: readonly Tensor[] | Error;
}[] = [
  { name: 'an answer', status: 200, body: good, run: answer },
  { name: 'an answer to a large body', status: 200, body: large, run: answer },
  {
    name: 'an answer to a compressed body',
    status: 200,
    body: gzipSync(large),
    headers: { 'content-encoding': 'gzip' },
    run: answer,
  },
  {
    name: 'a compressed answer',
    status: 200,
    body: good,
    run: wide(),
    headers: { 'accept-encoding': 'gzip' },
  },
  { name: 'a failed run', status: 500, body: good, run: new Error('no') },
  { name: 'a body that is no JSON', status: 422, body: '{' },
  { name: 'a large body that is no JSON', status: 422, body: large.slice(0, -1) },
  { name: 'a body that is too large', status: 413, body: Buffer.alloc(MOST_BODY + 1, ' ') },
  {
    name: 'a body that inflates to too much',
    status: 413,
    body: gzipSync(Buffer.alloc(MOST_BODY + 1, ' ')),
    headers: { 'content-encoding': 'gzip' },
  },
  {
    name: 'a body that does not inflate',
    status: 400,
    body: 'no gzip',
    headers: { 'content-encoding': 'gzip' },
  },
];

function wide(): readonly Tensor[] {
  return [{ datatype: 'FP32', shape: [1, 20_000], data: new Float32Array(20_000).fill(0.1) }];
}

for (const { name, status, body, headers = {}, run } of ends) {
  test(`nothing is held after ${name}`, async t => {
    const { url, admission, asked } = await bench(t);
    if (run !== undefined) void asked.then(end => end(run));
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'accept-encoding': 'identity', ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    assert.equal(response.status, status);
    await response.arrayBuffer();
    await nothingHeld(admission);
  });
}

test('what a client leaves behind is held until nobody works on it any more', async t => {
  const { url, admission, asked } = await bench(t);
  const socket = connect(Number(url.port), '127.0.0.1');
  socket.end(`POST /predict HTTP/1.1\r\nHost: m\r\nContent-Length: ${good.length}\r\n\r\n${good}`);
  const end = await asked;
  socket.destroy();
  // In flight it is no longer, once the server has seen that the client is gone.
  while (isFull(admission)) await new Promise(resolve => setImmediate(resolve));
  assert(isHeld(admission));
  end(answer);
  await nothingHeld(admission);
});

function isFull(admission: Admission): boolean {
  try {
    admission.check({ inFlight: 0 });
    return false;
  } catch {
    return true;
  }
}
