import assert from 'node:assert/strict';
import test from 'node:test';
import { compareVersions, Directory } from './directory.ts';
import { usualSettings } from './settings.ts';
import type { ServedModel } from './signature.ts';

const identity = (name: string, version: string) => ({ name, version });
const served = (name: string, version: string): ServedModel => ({
  ...identity(name, version),
  platform: 'test',
  signature: { inputs: [], outputs: [], batched: false },
});

function directory(...versions: string[]): Directory<ServedModel> {
  return new Directory(versions.map(version => identity('m', version)));
}

test('it is ready when every model is', () => {
  const models = directory('1', '2');
  models.serve(served('m', '1'));
  assert(!models.ready());
  models.serve(served('m', '2'));
  assert(models.ready());
});

/** One whose threads live or not, as `hopeless` says. */
function threaded(name: string, running: { hopeless: boolean }): ServedModel {
  const facts = { settings: usualSettings, place: 'threads', because: '', width: 0 } as const;
  return { ...served(name, '1'), running: Object.assign(running, facts) };
}

test('a model whose threads do not live is not ready, and nor is a server that has no other', () => {
  const models = new Directory<ServedModel>([identity('a', '1'), identity('b', '1')]);
  const [a, b] = [{ hopeless: true }, { hopeless: false }];
  models.serve(threaded('a', a));
  models.serve(threaded('b', b));
  assert.throws(() => models.check({ name: 'a' }), { code: 'model_not_ready' });
  models.check({ name: 'b' });
  assert(models.ready(), 'the other answers');
  b.hopeless = true;
  assert(!models.ready());
  a.hopeless = false;
  assert(models.ready());
  models.check({ name: 'a' });
});

test('without a version, the latest ready one answers', () => {
  const models = directory('2', '10', '9');
  models.serve(served('m', '2'));
  models.serve(served('m', '9'));
  assert.equal(models.find({ name: 'm' }).version, '9');
  models.serve(served('m', '10'));
  assert.equal(models.find({ name: 'm' }).version, '10');
});

test('without a name, the only model answers, and several must be named', () => {
  const one = directory('1');
  one.serve(served('m', '1'));
  assert.equal(one.find({}).name, 'm');
  const two = new Directory<ServedModel>([identity('a', '1'), identity('b', '1')]);
  assert.throws(() => two.find({}), /the models a, b; use \/models\/NAME\/predict/);
});

test('a label stands for its version, of its model only', () => {
  const labels = [{ ...identity('m', '1'), label: 'stable' }];
  const models = new Directory<ServedModel>([identity('m', '1'), identity('m', '2')], labels);
  models.serve(served('m', '1'));
  models.serve(served('m', '2'));
  assert.equal(models.find({ name: 'm', label: 'stable' }).version, '1');
  for (const target of [
    { name: 'm', label: 'canary' },
    { name: 'x', label: 'stable' },
  ])
    assert.throws(() => models.find(target), {
      code: 'input_invalid',
      message: `Unrecognized servable version label: ${target.label}`,
    });
});

test('a version that takes over is asked from then on, and what was there is given back to be closed', () => {
  const models = directory('1');
  const [one, two] = [served('m', '1'), served('m', '2')];
  models.serve(one);
  models.loading('m', [identity('m', '2')]);
  assert.equal(models.find({ name: 'm' }), one);
  assert.throws(() => models.find({ name: 'm', version: '2' }), { code: 'model_not_ready' });
  assert.deepEqual(models.replace('m', [two]), [one]);
  assert.equal(models.find({ name: 'm' }), two);
  assert.throws(() => models.find({ name: 'm', version: '1' }), { code: 'version_unknown' });
  assert(models.ready());
});

test('a version that is loaded again is asked as it was, until it is replaced', () => {
  const models = directory('1');
  const [old, fresh] = [served('m', '1'), served('m', '1')];
  models.serve(old);
  models.loading('m', [identity('m', '1')]);
  assert.equal(models.find({ name: 'm' }), old);
  assert.deepEqual(models.replace('m', [fresh]), [old]);
  models.gone(old);
  assert.equal(models.find({ name: 'm' }), fresh);
});

test('what was unloaded is as if it had never been there, and keeps nothing from being ready', () => {
  const models = directory('1');
  const one = served('m', '1');
  models.serve(one);
  models.replace('m', []);
  for (const target of [{ name: 'm' }, { name: 'm', version: '1' }, {}])
    assert.throws(() => models.find(target), { code: 'model_unknown' });
  assert.deepEqual(models.versions('m'), []);
  assert(models.ready());
});

/** Each version's state, and the reason for it. */
const states = (models: Directory<ServedModel>): unknown[] =>
  models.entries().map(one => [one.identity.version, one.state, one.reason]);

test('each version tells where it stands', () => {
  const models = directory('1');
  assert.deepEqual(states(models), [['1', 'loading', undefined]]);
  const one = served('m', '1');
  models.serve(one);
  models.loading('m', [identity('m', '2')]);
  models.failed(identity('m', '2'), 'it is broken');
  assert.deepEqual(states(models), [
    ['1', 'ready', undefined],
    ['2', 'unavailable', 'it is broken'],
  ]);
  models.replace('m', []);
  assert.deepEqual(states(models), [['1', 'unloading', undefined]]);
  models.gone(one);
  assert.deepEqual(states(models), [['1', 'unavailable', 'unloaded']]);
});

test('names keep their order, whatever is loaded', () => {
  const models = new Directory<ServedModel>([identity('a', '1'), identity('b', '1'), identity('c', '1')]);
  for (const name of ['a', 'b', 'c']) models.serve(served(name, '1'));
  models.loading('a', [identity('a', '2')]);
  models.replace('a', [served('a', '2')]);
  models.replace('b', []);
  assert.deepEqual(
    models.entries().map(one => [one.identity.name, one.identity.version]),
    [
      ['a', '2'],
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ],
  );
});

test('however often a load fails, only the latest is kept', () => {
  const models = directory('1');
  models.serve(served('m', '1'));
  for (let version = 2; version < 50; version++) {
    models.loading('m', [identity('m', String(version))]);
    models.failed(identity('m', String(version)), 'broken');
  }
  assert.equal(models.entries().length, 2);
});

test('every change has another generation', () => {
  const models = directory('1');
  const seen = new Set([models.generation]);
  for (const change of [
    () => models.serve(served('m', '1')),
    () => models.loading('m', [identity('m', '2')]),
    () => models.failed(identity('m', '2'), 'broken'),
    () => models.replace('m', []),
  ]) {
    change();
    seen.add(models.generation);
  }
  assert.equal(seen.size, 5);
});

test('what is unknown is told from what is not ready', () => {
  const models = directory('1');
  assert.throws(() => models.find({ name: 'x' }), { code: 'model_unknown' });
  assert.throws(() => models.find({ name: 'm', version: '2' }), { code: 'version_unknown' });
  assert.throws(() => models.find({ name: 'm', version: '1' }), { code: 'model_not_ready' });
});

test('versions are ordered as numbers, with names before them', () => {
  const order = ['10', 'beta', '9', 'alpha', '100000000000000000000', '0'].toSorted(compareVersions);
  assert.deepEqual(order, ['alpha', 'beta', '0', '9', '10', '100000000000000000000']);
});
