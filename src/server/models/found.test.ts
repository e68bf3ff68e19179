import assert from 'node:assert/strict';
import test from 'node:test';
import { foundModels, listedSource } from './found.ts';

const at = (name: string, version: string) => ({ name, version, path: `/models/${name}/${version}` });

test('a name that cannot be looked up stays as it was, and the others change', async () => {
  const lies = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  const resolve = async (name: string) => {
    const version = lies.get(name);
    if (version === undefined) throw new Error(`${name} is gone`);
    return [at(name, version)];
  };
  const source = listedSource(foundModels([at('a', '1'), at('b', '1')], []), resolve);
  const seen = async () =>
    (await source.all()).map(({ name, versions }) => `${name} ${versions[0]?.version}`);
  lies.set('a', '2');
  assert.deepEqual(await seen(), ['a 2', 'b 1']);
  lies.delete('a');
  lies.set('b', '2');
  assert.deepEqual(await seen(), ['a 2', 'b 2']);
  await assert.rejects(source.named('a'), /a is gone/);
});
