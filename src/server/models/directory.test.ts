import assert from 'node:assert/strict';
import test from 'node:test';
import { compareVersions, Directory } from './directory.ts';
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
