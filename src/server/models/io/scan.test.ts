/** A server that follows what lies in its repository. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { at, type Bench, named, settle, started, states } from './fixtures/repository-bench.ts';

async function scan({ repository }: Bench): Promise<void> {
  await (await repository.scan()).settled;
  await settle();
}

const answering = ({ repository }: Bench): string => repository.directory.find({ name: 'm' }).version;

test('nothing changes when nothing changed', async () => {
  const state = await started();
  state.lies = [at('1')];
  await scan(state);
  assert.deepEqual([state.loaded.length, state.closed.length], [1, 0]);
});

test('a new version is loaded beside the old one, which stays for who asks for it', async () => {
  const state = await started();
  state.lies = [at('1'), at('2')];
  await scan(state);
  assert.equal(answering(state), '2');
  assert.equal(state.repository.directory.find({ name: 'm', version: '1' }).version, '1');
  assert.deepEqual(state.closed, []);
});

test('an old version leaves only when the new one is ready', async () => {
  const state = await started();
  const gate = Promise.withResolvers<void>();
  state.gates.set(at('2').path, gate.promise);
  state.lies = [at('2')];
  const { settled } = await state.repository.scan();
  await settle();
  assert.deepEqual([answering(state), states(state)], ['1', ['1 READY', '2 LOADING']]);
  gate.resolve();
  await settled;
  await settle();
  assert.deepEqual([answering(state), states(state)], ['2', ['2 READY', '1 UNAVAILABLE unloaded']]);
});

test('names come and go, and what is gone for good is not told of any more', async () => {
  const state = await started({ lies: named('m') });
  state.lies = named('a', 'b');
  await scan(state);
  assert.deepEqual(
    state.repository.index().map(({ name }) => name),
    ['a', 'b'],
  );
  assert.doesNotMatch(state.registry.text(), /model_name="m"/);
  assert.throws(() => state.repository.directory.find({ name: 'm' }), { code: 'model_unknown' });
});

test('a version whose file changed is loaded anew', async () => {
  const state = await started({ lies: [{ ...at('1'), identity: 'a' }] });
  const before = state.repository.directory.find({ name: 'm' });
  state.lies = [{ ...at('1'), identity: 'b' }];
  await scan(state);
  assert.notEqual(state.repository.directory.find({ name: 'm' }), before);
  assert.match(state.registry.text(), /model_ready\{model_name="m",model_version="1"\} 1/);
});

test('what fails to load leaves what there was, and is tried again after a growing pause or when it changes', async () => {
  const state = await started();
  state.lies = [at('2')];
  state.broken.add(at('2').path);
  await scan(state);
  assert.deepEqual(states(state), ['1 READY', `2 UNAVAILABLE ${at('2').path} cannot be read: it is broken`]);
  await scan(state);
  assert.equal(state.loaded.length, 2, 'it is tried again at once');
  state.passed += 5001;
  await scan(state);
  assert.equal(state.loaded.length, 3);
  state.passed += 5001;
  await scan(state);
  assert.equal(state.loaded.length, 3, 'the pause does not grow');
  state.lies = [at('3')];
  await scan(state);
  assert.equal(answering(state), '3');
  assert.deepEqual(state.closed, [at('1').path]);
});

test('what failed and was taken back is not told of any more', async () => {
  const state = await started();
  state.lies = [at('1'), at('2')];
  state.broken.add(at('2').path);
  await scan(state);
  state.lies = [at('1')];
  await scan(state);
  assert.deepEqual(states(state), ['1 READY']);
});

test('a name that takes long to load keeps no other from changing, and is not begun twice', async () => {
  const state = await started({ lies: named('a') });
  const gate = Promise.withResolvers<void>();
  state.gates.set('/models/slow', gate.promise);
  state.lies = named('a', 'slow');
  const slow = (await state.repository.scan()).settled;
  await settle();
  state.lies = named('a', 'slow', 'b');
  await scan(state);
  assert.equal(state.repository.directory.find({ name: 'b' }).name, 'b');
  gate.resolve();
  await slow;
  assert.equal(state.loaded.filter(path => path === '/models/slow').length, 1);
});

test('a label moves only when the version it is to stand for is ready', async () => {
  const label = (version: string) => [{ name: 'm', version, label: 'stable' }];
  const state = await started({ labels: label('1') });
  const labelled = (): string => state.repository.directory.find({ name: 'm', label: 'stable' }).version;
  state.lies = [at('1'), at('2')];
  state.labels = label('2');
  state.broken.add(at('2').path);
  await scan(state);
  assert.equal(labelled(), '1');
  state.broken.clear();
  state.passed += 10_000;
  await scan(state);
  assert.equal(labelled(), '2');
  state.labels = label('1');
  await scan(state);
  assert.equal(labelled(), '1');
  assert.equal(state.loaded.length, 3, 'moving a label loaded something');
  state.labels = [];
  await scan(state);
  assert.throws(labelled, { code: 'input_invalid' });
});

test('what is not loaded yet stays so, and a version that takes the place of a loaded one is loaded before', async () => {
  const state = await started({ lazy: { memoryBytes: 10_000 }, lies: [at('1')] });
  state.lies = [at('2')];
  await scan(state);
  assert.deepEqual(state.loaded, []);
  const model = await state.repository.lazy?.wake(at('2'), 1000);
  model?.leave();
  state.lies = [at('3')];
  await scan(state);
  assert.equal(answering(state), '3');
  assert.deepEqual(state.closed, [at('2').path]);
});
