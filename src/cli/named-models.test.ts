import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { namedModels } from './named-models.ts';

/** People type paths from where they stand, so the test stands beside the models. */
const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'fairlead-named-'));
after(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});
mkdirSync(join(folder, 'v=1'));
for (const path of ['m.onnx', 'x=1.onnx', 'v=1/model.onnx']) writeFileSync(join(folder, path), path);
process.chdir(folder);

const named: readonly { asked: readonly string[]; environment?: string; name: string; path: string }[] = [
  { asked: ['m.onnx'], name: 'm', path: 'm.onnx' },
  { asked: ['mine=m.onnx'], name: 'mine', path: 'm.onnx' },
  { asked: ['v=1/model.onnx'], name: 'v-1', path: 'v=1/model.onnx' },
  { asked: ['v=1'], name: 'v-1', path: 'v=1/model.onnx' },
  { asked: ['x=1.onnx'], name: 'x-1', path: 'x=1.onnx' },
  { asked: ['mine=x=1.onnx'], name: 'mine', path: 'x=1.onnx' },
  { asked: [], environment: 'x=1.onnx', name: 'x-1', path: 'x=1.onnx' },
  { asked: ['m.onnx'], environment: 'x=1.onnx', name: 'm', path: 'm.onnx' },
];

for (const { asked, environment, name, path } of named) {
  test(`'${asked.join()}' with MODEL_PATH=${environment ?? ''} is ${name} of ${path}`, async t => {
    t.after(() => delete process.env['MODEL_PATH']);
    if (environment !== undefined) process.env['MODEL_PATH'] = environment;
    const { models } = await namedModels(asked, {});
    assert.deepEqual(
      models.map(one => [one.name, one.path]),
      [[name, join(process.cwd(), path)]],
    );
  });
}

test('MODEL_PATH is never split, whatever is there', async t => {
  t.after(() => delete process.env['MODEL_PATH']);
  process.env['MODEL_PATH'] = 'mine=m.onnx';
  await assert.rejects(namedModels([], {}), { code: 'file_missing' });
});

test('a name leads to what lies there when it is asked', async () => {
  mkdirSync('versions/1', { recursive: true });
  writeFileSync('versions/1/model.onnx', 'one');
  const { models, resolve } = await namedModels(['mine=versions', 'other=m.onnx'], {});
  assert.deepEqual(
    models.map(one => [one.name, one.version]),
    [
      ['mine', '1'],
      ['other', models[1]?.version],
    ],
  );
  mkdirSync('versions/2');
  writeFileSync('versions/2/model.onnx', 'two');
  const path = join(process.cwd(), 'versions/2/model.onnx');
  assert.deepEqual(await resolve('mine'), [{ name: 'mine', version: '2', path }]);
  assert.deepEqual(await resolve('nope'), []);
});

test('two paths that come to lead to one version are refused', async () => {
  mkdirSync('pair/1', { recursive: true });
  mkdirSync('pair/2');
  for (const version of ['1', '2']) writeFileSync(`pair/${version}/model.onnx`, version);
  const { resolve } = await namedModels(['mine=pair', 'mine=pair/1'], {});
  rmSync('pair/2', { recursive: true });
  await assert.rejects(resolve('mine'), { code: 'usage_invalid' });
  await assert.rejects(namedModels(['mine=pair', 'mine=pair/1'], {}), { code: 'usage_invalid' });
});
