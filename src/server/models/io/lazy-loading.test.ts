/** Models that are loaded when they are asked for, under a budget that has room for a few of them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  at,
  type Bench,
  bench,
  MODEL_BYTES,
  named,
  settle,
  started,
  states,
  until,
} from './fixtures/repository-bench.ts';
import type { LazyLoading } from './lazy-loading.ts';

/** Room for so many models, beside what is left to the server itself. */
const roomFor = (models: number) => ({ memoryBytes: Math.ceil((models * MODEL_BYTES) / 0.75) });

const SOON = 1000;

function lazyOf({ repository }: Bench): LazyLoading {
  assert(repository.lazy !== undefined);
  return repository.lazy;
}

/** Asks for a model, and is done with it. */
async function use(state: Bench, name: string): Promise<void> {
  const model = await lazyOf(state).wake({ name, version: '1' }, SOON);
  assert.equal(model.name, name);
  model.leave();
}

test('nothing is loaded at the start, and the server is ready', async () => {
  const state = await started({ lazy: roomFor(2), lies: named('a', 'b') });
  assert(state.repository.directory.ready());
  assert.deepEqual(state.loaded, []);
  assert.deepEqual(states(state), [
    '1 UNAVAILABLE not loaded: the next request for it loads it',
    '1 UNAVAILABLE not loaded: the next request for it loads it',
  ]);
  assert.deepEqual(state.repository.directory.versions('a'), [{ version: '1', ready: true }]);
});

test('many requests share one load, and each has entered the model', async () => {
  const state = await started({ lazy: roomFor(2) });
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('1').path, gate.promise);
  const waiting = Array.from({ length: 20 }, () => lazyOf(state).wake(at('1'), SOON));
  await settle();
  assert.deepEqual(states(state), ['1 LOADING']);
  gate.resolve();
  const models = await Promise.all(waiting);
  assert.deepEqual(state.loaded, [at('1').path]);
  assert.equal(new Set(models).size, 1);
  for (const model of models.slice(1)) model.leave();
  assert(models[0]?.inUse);
  models[0].leave();
  assert(!models[0].inUse);
});

test('what was used least recently makes room', async () => {
  const state = await started({ lazy: roomFor(2), lies: named('a', 'b', 'c') });
  for (const name of ['a', 'b']) await use(state, name);
  state.repository.directory.find({ name: 'a' }).enter();
  state.repository.directory.find({ name: 'a' }).leave();
  await use(state, 'c');
  assert.deepEqual(state.closed, ['/models/b']);
  assert.match(state.registry.text(), /model_evictions_total\{model_name="b",model_version="1"\} 1/);
  assert.match(state.registry.text(), /model_ready\{model_name="b",model_version="1"\} 0/);
  await use(state, 'b');
  assert.deepEqual(state.closed, ['/models/b', '/models/a']);
});

test('a model in use is never unloaded: whoever needs its room waits until it is left', async () => {
  const state = await started({ lazy: roomFor(1), lies: named('a', 'b') });
  const held = await lazyOf(state).wake({ name: 'a', version: '1' }, SOON);
  const waiting = use(state, 'b');
  await settle();
  assert.deepEqual([state.loaded, state.closed], [['/models/a'], []]);
  held.leave();
  await waiting;
  assert.deepEqual([state.loaded, state.closed], [['/models/a', '/models/b'], ['/models/a']]);
});

test('who waits longer than it has is told so, and the load goes on', async () => {
  const state = await started({ lazy: roomFor(1) });
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('1').path, gate.promise);
  await assert.rejects(lazyOf(state).wake(at('1'), 5), { code: 'deadline_exceeded' });
  gate.resolve();
  await until(() => states(state)[0] === '1 READY');
  const model = state.repository.directory.find({ name: 'm' });
  assert(!model.inUse, 'whoever had left entered the model');
});

test('a load that fails answers everyone, and is tried again only after a pause', async () => {
  const state = await started({ lazy: roomFor(1) });
  state.broken.add(at('1').path);
  const failed = { code: 'model_unavailable', message: /'m' could not be loaded: .* it is broken/ };
  const asked = Array.from({ length: 5 }, () => lazyOf(state).wake(at('1'), SOON));
  for (const one of asked) await assert.rejects(one, failed);
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), failed);
  assert.equal(state.loaded.length, 1);
  assert.deepEqual(states(state), [`1 UNAVAILABLE ${at('1').path} cannot be read: it is broken`]);
  state.passed += 1001;
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), failed);
  assert.equal(state.loaded.length, 2);
  state.passed += 1001;
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), failed);
  assert.equal(state.loaded.length, 2, 'the second pause is no longer than the first');
  state.passed += 2000;
  state.broken.clear();
  await use(state, 'm');
});

test('one model that does not load is nothing to the others', async () => {
  const state = await started({ lazy: roomFor(3), lies: named('a', 'b') });
  state.broken.add('/models/a');
  const failing = assert.rejects(use(state, 'a'), { code: 'model_unavailable' });
  await use(state, 'b');
  await failing;
});

test('more may not wait for one model than there is room for, and others are not kept out by them', async () => {
  const state = await started({ lazy: roomFor(3), lies: named('a', 'b') });
  const gate = Promise.withResolvers<void>();
  state.gates.set('/models/a', gate.promise);
  const waiting = Array.from({ length: 128 }, () => use(state, 'a'));
  await assert.rejects(use(state, 'a'), { code: 'overloaded' });
  await use(state, 'b');
  gate.resolve();
  await Promise.all(waiting);
});

test('a model larger than the budget is refused, and nothing is unloaded for it', async () => {
  const state = await started({ lazy: { memoryBytes: MODEL_BYTES - 1 } });
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), { code: 'model_too_large' });
  assert.deepEqual(state.loaded, []);
});

test('who asks again for a model that is too large hears the same', async () => {
  const state = await started({ lazy: { memoryBytes: MODEL_BYTES - 1 } });
  for (let time = 0; time < 3; time++)
    await assert.rejects(lazyOf(state).wake(at('1'), SOON), { code: 'model_too_large' });
});

test('a budget that the server alone fills is refused at the start, since no model could ever answer', async () => {
  const state = bench({ lazy: { memoryBytes: 50 }, resident: 50 });
  await assert.rejects(state.repository.start(), { code: 'memory_too_small', message: /takes 50$/ });
  assert(state.repository.directory.ready(), 'the test shows nothing');
});

test('what is looked for by who does not wait is loaded for who asks again', async () => {
  const state = await started({ lazy: roomFor(1) });
  assert.throws(() => state.repository.directory.find({ name: 'm' }), { code: 'model_not_ready' });
  await until(() => states(state)[0] === '1 READY');
  assert.equal(state.repository.directory.find({ name: 'm' }).version, '1');
});

test('at the end who waits is let go, and what was being loaded is closed', async () => {
  const state = await started({ lazy: roomFor(1) });
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('1').path, gate.promise);
  const waiting = lazyOf(state).wake(at('1'), SOON);
  await settle();
  await Promise.all([assert.rejects(waiting, { code: 'draining' }), state.repository.close()]);
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), { code: 'draining' });
  gate.resolve();
  await until(() => state.closed.length > 0);
  await settle();
  assert.deepEqual(state.closed, [at('1').path]);
});

test('a version that is gone when it is loaded answers who waited for it, and is then closed and forgotten', async () => {
  const state = await started({ lazy: roomFor(3) });
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('1').path, gate.promise);
  const waiting = lazyOf(state).wake(at('1'), SOON);
  await settle();
  state.lies = [at('2')];
  await (await state.repository.scan()).settled;
  gate.resolve();
  const model = await waiting;
  assert.equal(model.version, '1');
  await settle();
  assert.deepEqual(state.closed, []);
  model.leave();
  await settle();
  assert.deepEqual(state.closed, [at('1').path]);
  assert.deepEqual(states(state), ['2 UNAVAILABLE not loaded: the next request for it loads it']);
  assert.doesNotMatch(state.registry.text(), /model_version="1"/);
  await assert.rejects(lazyOf(state).wake(at('1'), SOON), { code: 'model_not_ready' });
});

test('a version that is replaced while it is loaded is loaded as it is now', async () => {
  const state = await started({ lazy: roomFor(3) });
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('1').path, gate.promise);
  const waiting = lazyOf(state).wake(at('1'), SOON);
  await settle();
  state.lies = [at('1', '/elsewhere')];
  await (await state.repository.scan()).settled;
  gate.resolve();
  (await waiting).leave();
  assert.deepEqual(state.loaded, [at('1').path, '/elsewhere']);
  assert.deepEqual(state.closed, [at('1').path]);
});
