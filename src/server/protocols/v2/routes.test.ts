import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, asAppError } from '#base';
import { Directory } from '../../models/directory.ts';
import type { IndexEntry, ServedStatistics } from '../../models/repository.ts';
import { type ModelSettings, type RunFacts, usualSettings } from '../../models/settings.ts';
import type { ServedModel, Signature } from '../../models/signature.ts';
import { NOTHING_SPENT } from '../../statistics/duration.ts';
import { textOf } from '../fixtures/ask.ts';
import { fakeRepository, v2Protocol } from '../fixtures/v2-options.ts';
import type { Content, Reply } from '../port.ts';
import { modelConfig } from './config.ts';

const signature: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'y', datatype: 'BYTES', shape: [-1, 2], labels: ['ant', 'bee'] }],
  batched: true,
};

function served(change: Partial<Signature> = {}, version = '1'): ServedModel {
  const platform = 'onnxruntime_onnxv1';
  return { name: 'm', version, platform, signature: { ...signature, ...change }, running: running() };
}

function running(some: Partial<ModelSettings> = {}, width = 1): RunFacts {
  const settings = { ...usualSettings, maxRows: 8, threads: 2, ...some };
  const place = width === 1 ? 'inline' : 'threads';
  return { settings, place, width, because: `it has ${width}` };
}

function directory(...models: readonly ServedModel[]): Directory<ServedModel> {
  const found = new Directory<ServedModel>(models);
  for (const model of models) found.serve(model);
  return found;
}

function got(path: string, models = directory(served()), protocol = v2Protocol()): unknown {
  const action = protocol.route(path).GET;
  assert(action?.kind === 'answer');
  return JSON.parse(textOf(action.reply(models))) as unknown;
}

async function posted(path: string, body: string, repository = fakeRepository()): Promise<Reply | AppError> {
  try {
    const action = v2Protocol(repository).route(path).POST;
    assert(action?.kind === 'manage');
    const content: Content = { bytes: Buffer.from(body), headers: {} };
    return await action.reply(content);
  } catch (error: unknown) {
    return asAppError(error);
  }
}

test('the server names what it speaks, and control only where there is any', () => {
  const always = ['classification', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics'];
  const extensions = (controlled: boolean): unknown =>
    (got('/v2', directory(), v2Protocol(fakeRepository({ controlled }))) as { extensions: unknown })
      .extensions;
  assert.deepEqual(extensions(false), always);
  assert.deepEqual(extensions(true), [...always, 'model_repository']);
});

test("a batched model's configuration leaves out the batch", () => {
  assert.deepEqual(got('/v2/models/m/config'), {
    name: 'm',
    platform: 'onnxruntime_onnxv1',
    backend: 'onnxruntime',
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: 8,
    input: [
      {
        name: 'x',
        data_type: 'TYPE_FP32',
        dims: [4],
        format: 'FORMAT_NONE',
        is_shape_tensor: false,
        allow_ragged_batch: false,
        optional: false,
      },
    ],
    output: [
      {
        name: 'y',
        data_type: 'TYPE_STRING',
        dims: [2],
        label_filename: 'labels.txt',
        is_shape_tensor: false,
      },
    ],
    instance_group: [{ name: 'm', kind: 'KIND_CPU', count: 1 }],
    default_model_filename: '',
    dynamic_batching: { preferred_batch_size: [], max_queue_delay_microseconds: 0 },
    parameters: {
      intra_op_thread_count: { string_value: '2' },
      execution_provider: { string_value: 'cpu' },
      execution_place: { string_value: 'event loop' },
      execution_place_reason: { string_value: 'it has 1' },
    },
  });
});

const ways: readonly { name: string; running: RunFacts; says: object }[] = [
  {
    name: 'in threads',
    running: running({}, 3),
    says: { kind: 'KIND_CPU', count: 3, place: 'worker threads', because: 'it has 3', delay: 0 },
  },
  {
    name: 'on a GPU, waiting for company',
    running: running({ provider: 'tensorrt', maxDelayMs: 2.5 }, 2),
    says: { kind: 'KIND_GPU', count: 2, place: 'worker threads', because: 'it has 2', delay: 2500 },
  },
  {
    name: 'whose threads have died',
    running: running({}, 0),
    says: { kind: 'KIND_CPU', count: 0, place: 'worker threads', because: 'it has 0', delay: 0 },
  },
];
for (const { name, running: facts, says } of ways) {
  test(`the configuration of a model ${name} says so`, () => {
    const config = modelConfig({ ...served(), running: facts });
    const [group] = config.instance_group;
    assert.deepEqual(
      {
        kind: group?.kind,
        count: group?.count,
        place: config.parameters['execution_place']?.string_value,
        because: config.parameters['execution_place_reason']?.string_value,
        delay: config.dynamic_batching?.max_queue_delay_microseconds,
      },
      says,
    );
  });
}

test('that of a model whose rows are not to share a run has all dimensions, and no batching', () => {
  const config = got('/v2/models/m/versions/1/config', directory(served({ batched: false })));
  const { max_batch_size, input, ...rest } = config as {
    max_batch_size: number;
    input: { dims: number[] }[];
  };
  assert.deepEqual([max_batch_size, input[0]?.dims], [0, [-1, 4]]);
  assert(!('dynamic_batching' in rest));
});

test('metadata has the versions that are ready, or the one asked for', () => {
  const models = directory(served(), served({}, '2'));
  const versions = (path: string): unknown => (got(path, models) as { versions: unknown }).versions;
  assert.deepEqual(versions('/v2/models/m'), ['1', '2']);
  assert.deepEqual(versions('/v2/models/m/versions/1'), ['1']);
});

test('metadata tells of which bytes a model was loaded and where they came from, where that is known', () => {
  const properties = (model: ServedModel): unknown =>
    (got('/v2/models/m', directory(model)) as { properties?: unknown }).properties;
  const origin = { digest: 'sha256:ab', uri: 's3://models/m/1' };
  assert.deepEqual(properties({ ...served(), origin }), origin);
  assert.equal(properties(served()), undefined);
});

const spent = { count: 2, ns: 2n ** 60n };
const statistics: ServedStatistics = {
  name: 'm"',
  version: '1',
  lastInference: 1_700_000_000_000,
  inferenceCount: 5,
  executionCount: 2,
  success: spent,
  fail: NOTHING_SPENT,
  queue: spent,
  computeInput: spent,
  computeInfer: spent,
  computeOutput: spent,
  batches: [{ batchSize: 5, computeInput: spent, computeInfer: spent, computeOutput: spent }],
};

test('statistics have just the members of the extension, and every digit', () => {
  const action = v2Protocol(fakeRepository({ statistics: [statistics] })).route('/v2/models/stats').GET;
  assert(action?.kind === 'answer');
  const text = textOf(action.reply(directory()));
  const duration = '{"count":2,"ns":1152921504606846976}';
  const none = '{"count":0,"ns":0}';
  const compute = `"compute_input":${duration},"compute_infer":${duration},"compute_output":${duration}`;
  assert.equal(
    text,
    `{"model_stats":[{"name":"m\\"","version":"1","last_inference":1700000000000,"inference_count":5,"execution_count":2,` +
      `"inference_stats":{"success":${duration},"fail":${none},"queue":${duration},${compute},"cache_hit":${none},"cache_miss":${none}},` +
      `"response_stats":{},"batch_stats":[{"batch_size":5,${compute}}],"memory_usage":[]}]}`,
  );
});

const index: readonly IndexEntry[] = [
  { name: 'm', version: '1', state: 'READY', reason: '' },
  { name: 'm', version: '2', state: 'UNAVAILABLE', reason: 'unloaded' },
];
const [ready] = [{ name: 'm', version: '1', state: 'READY' }];
const all = [ready, { name: 'm', version: '2', state: 'UNAVAILABLE', reason: 'unloaded' }];
for (const { body, expected } of [
  { body: '', expected: all },
  { body: '{}', expected: all },
  { body: '{"ready": false}', expected: all },
  { body: '{"ready": true, "other": [1]}', expected: [ready] },
]) {
  test(`the index is asked for with '${body}'`, async () => {
    const reply = await posted('/v2/repository/index', body, fakeRepository({ index }));
    assert(!(reply instanceof AppError));
    assert.deepEqual(JSON.parse(textOf(reply)), expected);
  });
}

for (const body of ['{"ready":1}', '{"ready":null}', '[]', '{', '['.repeat(250_000), '{}x']) {
  test(`the index is refused to ${body.slice(0, 20)}`, async () => {
    const reply = await posted('/v2/repository/index', body);
    assert(reply instanceof AppError);
    assert.equal(reply.status, 400);
  });
}

for (const { path, body = '', does } of [
  { path: 'm/load', does: 'load m' },
  { path: 'm/load', body: '{}', does: 'load m' },
  { path: 'm/load', body: '{"parameters": {}, "other": 1}', does: 'load m' },
  { path: 'a%20b/load', does: 'load a b' },
  { path: '/load', does: 'load ' },
  { path: '..%2Fetc/load', does: 'load ../etc' },
  { path: 'm/unload', does: 'unload m' },
  { path: 'm/unload', body: '{"parameters": {"unload_dependents": false}}', does: 'unload m' },
]) {
  test(`POST ${path} ${body} is to ${does}`, async () => {
    const repository = fakeRepository();
    const reply = await posted(`/v2/repository/models/${path}`, body, repository);
    assert(!(reply instanceof AppError));
    assert.deepEqual([reply.status, reply.body, repository.done], [200, '', [does]]);
  });
}

for (const { path, body = '', says } of [
  { path: 'm/load', body: '{"parameters": {"config": "{}"}}', says: /'config' is not supported/ },
  {
    path: 'm/load',
    body: '{"parameters": {"file:1/../../x": "aGk="}}',
    says: /'file:1\/..\/..\/x' is not supported/,
  },
  { path: 'm/load', body: '{"parameters": {"other": 1}}', says: /unrecognized load parameter 'other'/ },
  { path: 'm/load', body: '{"parameters": 1}', says: /'parameters' must be an object/ },
  { path: 'm/load', body: '{', says: /not valid JSON/ },
  {
    path: 'm/unload',
    body: '{"parameters": {"unload_dependents": 1}}',
    says: /must be true or false, not 1/,
  },
  { path: 'm/unload', body: '{"parameters": {"other": 1}}', says: /unrecognized unload parameter 'other'/ },
  { path: '%ff/load', says: /'%ff' is not the name of a model/ },
]) {
  test(`POST ${path} ${body} is refused, and nothing is done`, async () => {
    const repository = fakeRepository();
    const reply = await posted(`/v2/repository/models/${path}`, body, repository);
    assert(reply instanceof AppError);
    assert.match(reply.message, says);
    assert.deepEqual([reply.status, repository.done], [400, []]);
  });
}

test('without control the body is not even looked at', async () => {
  const repository = fakeRepository({ controlled: false });
  const reply = await posted('/v2/repository/models/m/load', '{', repository);
  assert(reply instanceof AppError);
  assert.deepEqual([reply.status, repository.done], [403, []]);
});

for (const path of ['/v2/repository/mine/models/m/load', '/v2/repository/mine/index']) {
  test(`there is one repository: ${path} is not implemented`, async () => {
    const reply = await posted(path, '');
    assert.equal(reply.status, 501);
  });
}

for (const { path, status } of [
  { path: '/v2/nothing', status: 404 },
  { path: '/v2/models', status: 404 },
  { path: '/v2/models/m/nothing', status: 404 },
  { path: '/v2/models/%00', status: 404 },
  { path: '/v2/models/a%2Fb', status: 404 },
  { path: '/v2/repository', status: 404 },
  { path: '/v2/repository/models/../etc/load', status: 404 },
  { path: '/v2/systemsharedmemory/status', status: 501 },
  { path: '/v2/cudasharedmemory/region/x/register', status: 501 },
]) {
  test(`${path} is ${status}`, () => {
    assert.throws(
      () => v2Protocol().route(path),
      (error: unknown) => error instanceof AppError && error.status === status,
    );
  });
}
