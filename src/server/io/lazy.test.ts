/** Models that are loaded when they are asked for, over HTTP and with real models. */
import assert from 'node:assert/strict';
import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#base';
import { elementTypes, identityModel, modelFile } from '../fixtures/onnx-file.ts';
import { usualSettings } from '../models/settings.ts';
import { onnxRuntime } from '../runtimes/io/onnx.ts';
import { ModelServer, type ModelToServe } from './server.ts';

/** More than any test's process holds. */
const PLENTY = 16 * 2 ** 30;

async function start(t: TestContext, models: readonly ModelToServe[], memoryBytes = PLENTY): Promise<string> {
  const config = {
    models,
    lazy: { memoryBytes },
    host: '127.0.0.1',
    port: 0,
    settings: usualSettings,
    maxBody: 1_000_000,
    maxInFlight: 64,
    requestTimeMs: 20_000,
    drainDelayMs: 0,
    graceMs: 5000,
  };
  const server = new ModelServer(config, {
    clock: systemClock,
    logger: { enabled: () => false, log: () => {} },
    runtime: onnxRuntime,
    idPrefix: 'test',
    identity: { name: 'fairlead', version: '0' },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  });
  const { http } = await server.listen();
  t.after(() => server.close());
  await server.load();
  return http;
}

function model(t: TestContext, name: string, bytes = identityModel(elementTypes.FP32, ['N'])): ModelToServe {
  return { name, version: '1', path: modelFile(t, bytes) };
}

const predict = (url: string, name: string): Promise<Response> =>
  fetch(`${url}/models/${name}/predict`, { method: 'POST', body: '{"inputs": [1, 2]}' });

test('the first request loads its model and is answered, and the server was ready before', async t => {
  const url = await start(t, [model(t, 'a'), model(t, 'b')]);
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.equal((await fetch(`${url}/v2/models/a/ready`)).status, 200);
  const state = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/v1/models/a`)).json()) as { model_version_status: { state: string }[] })
      .model_version_status[0]?.state;
  assert.equal(await state(), 'START');
  const answers = await Promise.all(Array.from({ length: 8 }, () => predict(url, 'a')));
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.deepEqual(((await answer.json()) as { predictions: number[] }).predictions, [1, 2]);
  }
  assert.equal(await state(), 'AVAILABLE');
  const index = await (await fetch(`${url}/v2/repository/index`, { method: 'POST' })).json();
  assert.deepEqual(index, [
    { name: 'a', version: '1', state: 'READY' },
    {
      name: 'b',
      version: '1',
      state: 'UNAVAILABLE',
      reason: 'not loaded: the next request for it loads it',
    },
  ]);
});

test('a model that does not load is told as such, with when to come again, and is nothing to the others', async t => {
  const broken = model(t, 'broken');
  writeFileSync(broken.path, 'no model');
  const url = await start(t, [broken, model(t, 'a')]);
  for (let attempt = 0; attempt < 2; attempt++) {
    const refused = await predict(url, 'broken');
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.match(await refused.text(), /the model 'broken' could not be loaded: .*is not a valid ONNX model/);
  }
  assert.equal((await predict(url, 'a')).status, 200);
});

test('a model that cannot fit is refused for good', async t => {
  const large = model(t, 'a');
  // A field that no reader knows, and that only says to be so long, makes a file of 1 GiB that takes no room.
  appendFileSync(large.path, Buffer.from([0xa2, 0x06, 0x80, 0x80, 0x80, 0x80, 0x04]));
  truncateSync(large.path, statSync(large.path).size + 2 ** 30);
  const budget = process.memoryUsage.rss() + 2 ** 28;
  const url = await start(t, [large], budget);
  const refused = await predict(url, 'a');
  assert.equal(refused.status, 507);
  assert.equal(refused.headers.get('retry-after'), null);
  assert.match(await refused.text(), new RegExp(`does not fit in the memory budget of ${budget} bytes`));
});

test('what a request that does not wait needs is loaded for the next one', async t => {
  const url = await start(t, [model(t, 'a')]);
  const first = await fetch(`${url}/v2/models/a`);
  assert.deepEqual([first.status, first.headers.get('retry-after')], [503, '1']);
  assert.equal((await predict(url, 'a')).status, 200);
  assert.equal((await fetch(`${url}/v2/models/a`)).status, 200);
});

test('a body that is wrong is told so, although its model had to be loaded', async t => {
  const url = await start(t, [model(t, 'a')]);
  const answer = await fetch(`${url}/models/a/predict`, { method: 'POST', body: '{"inputs": "x"}' });
  assert.equal(answer.status, 422);
});
