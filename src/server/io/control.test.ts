/** Models that are loaded, replaced and unloaded while the server serves, over HTTP and with real models. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#base';
import { elementTypes, identityModel, modelFile, onnxModel } from '../fixtures/onnx-file.ts';
import { usualSettings } from '../models/settings.ts';
import { onnxRuntime } from '../runtimes/io/onnx.ts';
import { ModelServer, type ModelToServe } from './server.ts';

interface Started {
  readonly server: ModelServer;
  readonly url: string;
  /** Where the name leads. */
  lies: readonly ModelToServe[];
  readonly post: (path: string, body?: string) => Promise<Response>;
  readonly get: (path: string) => Promise<unknown>;
}

async function start(t: TestContext, lies: readonly ModelToServe[], modelControl = true): Promise<Started> {
  const config = {
    models: lies,
    modelControl,
    host: '127.0.0.1',
    port: 0,
    settings: { ...usualSettings, maxRows: 8 },
    maxBody: 1_000_000,
    maxInFlight: 64,
    requestTimeMs: 5000,
    drainDelayMs: 0,
    graceMs: 5000,
  };
  const server = new ModelServer(config, {
    clock: systemClock,
    logger: { enabled: () => false, log: () => {} },
    runtime: onnxRuntime,
    resolve: async () => self.lies,
    idPrefix: 'test',
    identity: { name: 'fairlead', version: '0' },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  });
  const { http: url } = await server.listen();
  t.after(() => server.close());
  await server.load();
  const post: Started['post'] = (path, body) =>
    fetch(url + path, { method: 'POST', ...(body !== undefined && { body }) });
  const self: Started = { server, url, lies, post, get: async path => (await fetch(url + path)).json() };
  return self;
}

/** Adds `by` to its input, so that answers tell which version they are of. */
function adding(t: TestContext, by: number): ModelToServe {
  const bytes = onnxModel({
    inputs: [{ name: 'x', type: 1, shape: ['N'] }],
    outputs: [{ name: 'y', type: 1, shape: ['N'] }],
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    weights: { w: [by] },
  });
  return { name: 'm', version: String(by), path: modelFile(t, bytes) };
}

const LOAD = '/v2/repository/models/m/load';
const UNLOAD = '/v2/repository/models/m/unload';

async function answerOf(answer: Response): Promise<{ model_version: string; predictions: number[] }> {
  assert.equal(answer.status, 200);
  return (await answer.json()) as { model_version: string; predictions: number[] };
}

test('a version takes over under load: not one request fails, and none goes back to the old one', async t => {
  const state = await start(t, [adding(t, 1)]);
  const load = { over: false };
  const ask = async (): Promise<void> => {
    let latest = 1;
    while (!load.over) {
      const { model_version, predictions } = await answerOf(await state.post('/predict', '{"inputs": [0]}'));
      assert.deepEqual(predictions, [Number(model_version)], 'another version answered than is told');
      assert(Number(model_version) >= latest, `${model_version} after ${latest}`);
      latest = Number(model_version);
    }
  };
  const asking = Promise.all(Array.from({ length: 8 }, ask));
  for (const version of [2, 3, 4]) {
    state.lies = [adding(t, version)];
    const loaded = await state.post(LOAD);
    assert.equal(loaded.status, 200);
    assert.equal(loaded.headers.get('content-length'), '0');
    const { model_version } = await answerOf(await state.post('/predict', '{"inputs": [0]}'));
    assert.equal(model_version, String(version));
  }
  load.over = true;
  await asking;
});

test('a model that is unloaded is gone, and the server stays ready', async t => {
  const state = await start(t, [adding(t, 1)]);
  assert.equal((await state.post(UNLOAD)).status, 200);
  const status = async (path: string): Promise<number> => (await fetch(state.url + path)).status;
  assert.deepEqual(
    await Promise.all(['/v2/models/m/ready', '/v2/models/m', '/v2/health/ready'].map(status)),
    [404, 404, 200],
  );
  const refused = await state.post('/v2/models/m/infer', '{}');
  assert.equal(refused.status, 404);
  assert.deepEqual(await refused.json(), { error: "Request for unknown model: 'm' is not found" });
  const metrics = await (await fetch(`${state.url}/metrics`)).text();
  assert.match(metrics, /model_ready\{model_name="m",model_version="1"\} 0/);
  assert.equal((await state.post(LOAD)).status, 200);
  await answerOf(await state.post('/predict', '{"inputs": [0]}'));
});

test('a load that fails leaves all as it was, and says why', async t => {
  const state = await start(t, [adding(t, 1)]);
  state.lies = [{ name: 'm', version: '2', path: modelFile(t, identityModel(16, ['N'])) }];
  const refused = await state.post(LOAD);
  assert.equal(refused.status, 400);
  assert.match(((await refused.json()) as { error: string }).error, /^failed to load 'm', .*bfloat16/);
  assert.equal((await answerOf(await state.post('/predict', '{"inputs": [0]}'))).model_version, '1');
  const index = (await (await state.post('/v2/repository/index')).json()) as { state: string }[];
  assert.deepEqual(
    index.map(one => one.state),
    ['READY', 'UNAVAILABLE'],
  );
});

test('without --model-control, loading and unloading are forbidden with a way out', async t => {
  const { post } = await start(t, [adding(t, 1)], false);
  for (const path of [LOAD, UNLOAD]) {
    const refused = await post(path);
    assert.equal(refused.status, 403);
    assert.match(await refused.text(), /start the server with --model-control/);
  }
  assert.equal((await post('/v2/repository/index')).status, 200);
});

interface Duration {
  readonly count: number;
  readonly ns: number;
}

interface Statistics {
  readonly inference_count: number;
  readonly execution_count: number;
  readonly last_inference: number;
  readonly inference_stats: Readonly<Record<'success' | 'fail' | 'queue' | 'compute_infer', Duration>>;
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: Duration }[];
}

test('statistics count rows, runs, successes and failures of every protocol, from zero for each load', async t => {
  const state = await start(t, [adding(t, 1)]);
  const statistics = async (): Promise<Statistics> => {
    const { model_stats } = (await state.get('/v2/models/m/stats')) as { model_stats: Statistics[] };
    assert(model_stats[0] !== undefined);
    return model_stats[0];
  };
  assert.equal((await statistics()).last_inference, 0);
  for (const [path, body] of [
    ['/predict', '{"inputs": [1, 2, 3]}'],
    ['/v1/models/m:predict', '{"instances": [1]}'],
    ['/predict', '{"inputs": "x"}'],
    ['/v2/models/m/infer', '{'],
  ] as const)
    await (await state.post(path, body)).text();
  const { inference_count, execution_count, last_inference, inference_stats, batch_stats } =
    await statistics();
  const { success, fail, queue, compute_infer } = inference_stats;
  assert.deepEqual([inference_count, execution_count], [4, 2]);
  assert.deepEqual([success.count, fail.count, queue.count, compute_infer.count], [2, 2, 2, 2]);
  assert(success.ns > compute_infer.ns && compute_infer.ns > 0 && fail.ns > 0);
  assert.deepEqual(
    batch_stats.map(one => [one.batch_size, one.compute_infer.count]),
    [
      [1, 1],
      [3, 1],
    ],
  );
  assert(last_inference > 1_600_000_000_000);
  await state.post(LOAD);
  assert.equal((await statistics()).inference_count, 0);
});

test('labels beside a model name the classes of its outputs', async t => {
  const path = modelFile(t, identityModel(elementTypes.FP32, ['N', 3]));
  writeFileSync(join(dirname(path), 'labels.txt'), 'ant\nbee\ncat\n');
  const { post } = await start(t, [{ name: 'm', version: '1', path }]);
  const answer = await post(
    '/v2/models/m/infer',
    '{"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 3, 2]}], "outputs": [{"name": "y", "parameters": {"classification": 2}}]}',
  );
  assert.match(await answer.text(), /"data":\["3\.000000:1:bee","2\.000000:2:cat"\]/);
});

test('an output may have a file of labels of its own', async t => {
  const path = modelFile(t, identityModel(elementTypes.FP32, ['N', 3]));
  const names = join(dirname(path), 'names.txt');
  writeFileSync(names, 'uno\ndue\ntre\n');
  const { post } = await start(t, [{ name: 'm', version: '1', path, labelFiles: { y: names } }]);
  const answer = await post(
    '/v2/models/m/infer',
    '{"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 3, 2]}], "outputs": [{"name": "y", "parameters": {"classification": 1}}]}',
  );
  assert.match(await answer.text(), /"data":\["3\.000000:1:due"\]/);
});

test('labels that cannot be read keep their model from being served', async t => {
  const path = modelFile(t, identityModel(elementTypes.FP32, ['N', 3]));
  writeFileSync(join(dirname(path), 'labels.txt'), 'ant\n\ncat\n');
  await assert.rejects(
    start(t, [{ name: 'm', version: '1', path }]),
    /labels\.txt cannot be read: its line 2 is empty/,
  );
});
