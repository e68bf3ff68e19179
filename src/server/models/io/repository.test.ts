import assert from 'node:assert/strict';
import test from 'node:test';
import { systemClock } from '#base';
import type { Tensor } from '../../tensors/tensor.ts';
import { at, bench, settle, started, states } from './fixtures/repository-bench.ts';

const row: Tensor = { datatype: 'FP32', shape: [1, 2], data: new Float32Array(2) };

test('a version that appeared takes over at once, and the old one is closed', async () => {
  const state = await started();
  state.lies = [at('2')];
  await state.repository.load('m');
  assert.equal(state.repository.directory.find({ name: 'm' }).version, '2');
  await settle();
  assert.deepEqual(state.closed, ['/models/m/1/model.onnx']);
  assert.deepEqual(states(state), ['2 READY', '1 UNAVAILABLE unloaded']);
});

test('what is loaded and unchanged is loaded again, and counts from zero', async () => {
  const state = await started();
  const before = state.repository.directory.find({ name: 'm' });
  before.statistics.failed(1);
  await state.repository.load('m');
  const after = state.repository.directory.find({ name: 'm' });
  assert.notEqual(after, before);
  const [statistics] = state.repository.statistics({ name: 'm' });
  assert.equal(statistics?.fail.count, 0);
  assert.deepEqual(states(state), ['1 READY']);
});

test('while a version loads the old one answers, and the new one is said to load', async () => {
  const state = await started();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.lies = [at('2')];
  state.gates.set(at('2').path, promise);
  const loading = state.repository.load('m');
  await settle();
  assert.deepEqual(states(state), ['1 READY', '2 LOADING']);
  assert.equal(state.repository.directory.find({ name: 'm' }).version, '1');
  assert(state.repository.directory.ready());
  resolve();
  await loading;
  assert.equal(state.repository.directory.find({ name: 'm' }).version, '2');
});

test('a load that fails says why, and changes nothing for those who ask', async () => {
  const state = await started({ lies: [at('1')] });
  state.lies = [at('2'), at('3', '/models/broken')];
  state.broken.add('/models/broken');
  const refused = {
    code: 'load_failed',
    message: "failed to load 'm', /models/broken cannot be read: it is broken",
  };
  await assert.rejects(state.repository.load('m'), refused);
  assert.equal(state.repository.directory.find({ name: 'm' }).version, '1');
  assert.deepEqual(state.closed, [at('2').path], 'what had been loaded of it is not closed');
  assert(states(state).includes('3 UNAVAILABLE /models/broken cannot be read: it is broken'));
});

test('a model in use is closed only when the last that use it have left', async () => {
  const state = await started();
  const old = state.repository.directory.find({ name: 'm' });
  old.enter();
  const run = old.executor.submit({ inputs: [row], rows: 1 }, { since: systemClock.now() });
  await state.repository.unload('m');
  await settle();
  assert.deepEqual([states(state), state.closed], [['1 UNLOADING'], []]);
  await run.outputs;
  old.leave();
  await settle();
  assert.deepEqual([states(state), state.closed.length], [['1 UNAVAILABLE unloaded'], 1]);
});

test('two loads of one name come one after the other', async () => {
  const state = await started();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.gates.set(at('1').path, promise);
  const loads = [state.repository.load('m'), state.repository.load('m')];
  await settle();
  assert.deepEqual(state.closed, []);
  resolve();
  await Promise.all(loads);
  await settle();
  assert.equal(state.closed.length, 2);
  assert.deepEqual(states(state), ['1 READY']);
});

test('several versions of a name are loaded and unloaded together', async () => {
  const state = await started({ lies: [at('1'), at('2')] });
  assert.equal(state.repository.statistics({ name: 'm' }).length, 2);
  await state.repository.load('m');
  await settle();
  assert.equal(state.closed.length, 2);
  assert.deepEqual(states(state), ['1 READY', '2 READY']);
  await state.repository.unload('m');
  assert.throws(() => state.repository.statistics({ name: 'm' }), { code: 'model_unknown' });
  assert.deepEqual(state.repository.statistics(), []);
});

test('metrics say which version is ready', async () => {
  const state = await started();
  state.lies = [at('2')];
  await state.repository.load('m');
  const text = state.registry.text();
  assert.match(text, /model_ready\{model_name="m",model_version="1"\} 0/);
  assert.match(text, /model_ready\{model_name="m",model_version="2"\} 1/);
  await settle();
  assert.doesNotMatch(
    state.registry.text(),
    /model_version="1"/,
    'what is gone for good is told of for ever',
  );
});

for (const name of ['', ' ', ' m', 'm ', '../etc', 'a/b', 'a\\b', '..', 'a\0']) {
  test(`${JSON.stringify(name)} is not the name of a model`, async () => {
    const { repository } = await started();
    for (const ask of [() => repository.load(name), () => repository.unload(name)])
      await assert.rejects(ask, { code: 'input_invalid' });
  });
}

test('what was never served is not loaded, and not unloaded', async () => {
  const { repository } = await started();
  const message = "failed to load 'nope', failed to poll from model repository";
  await assert.rejects(repository.load('nope'), { code: 'load_failed', message });
  await assert.rejects(repository.unload('nope'), { code: 'model_unknown' });
});

test('without control, nothing is loaded or unloaded, whatever the name', async () => {
  const state = await started({ controlled: false });
  for (const name of ['m', 'nope', '..'])
    for (const ask of [() => state.repository.load(name), () => state.repository.unload(name)])
      await assert.rejects(ask, { code: 'control_forbidden' });
  assert.deepEqual(states(state), ['1 READY']);
});

test('before the server has started, there is nothing to load in its place', async () => {
  const { repository } = bench();
  await assert.rejects(repository.load('m'), { code: 'model_not_ready' });
});

test('what unloading left can be loaded again', async () => {
  const state = await started();
  await state.repository.unload('m');
  await state.repository.unload('m');
  await state.repository.load('m');
  assert.deepEqual(states(state), ['1 READY']);
});
