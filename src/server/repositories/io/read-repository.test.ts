import assert from 'node:assert/strict';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { AppError } from '#base';
import { elementTypes, identityModel } from '../../fixtures/onnx-file.ts';
import { CONFIG, type Leaf, rowsOfFour as onnx, plant, rooted, told } from '../fixtures/tree.ts';
import { isBroken, type RepositoryModel } from '../model.ts';
import { noteText } from '../note.ts';
import { RepositoryReader, readRepository } from './read-repository.ts';

async function only(root: string): Promise<RepositoryModel> {
  const [model] = await readRepository(root);
  assert.ok(model !== undefined && !isBroken(model), model && told(model));
  return model;
}

test('a model has its settings, samples and labels with it, and notes with their lines', async t => {
  const root = rooted(t, {
    'config.pbtxt': `${CONFIG.replace('dims: [ 4 ]', 'dims: [ 4 ] label_filename: "names.txt"')}
metric_tags { key: "team" value: "blue" }
model_warmup { name: "raw" batch_size: 1 inputs { key: "x" value {
  data_type: TYPE_FP32 dims: 4 input_data_file: "x.raw" } } }`,
    'names.txt': 'a\nb\nc\nd\n',
    'warmup/x.raw': Buffer.alloc(16),
    '1/model.onnx': onnx,
    '2': null,
    'stray.onnx': onnx,
  });
  const { versions, notes, origins } = await only(root);
  assert.deepEqual(versions, [
    {
      identity: versions[0]?.identity,
      name: 'shop',
      version: '1',
      path: join(root, '1/model.onnx'),
      settings: { maxRows: 8 },
      warmup: [
        {
          name: 'raw',
          count: 1,
          inputs: [
            { name: 'x', datatype: 'FP32', shape: [1, 4], data: { file: join(root, 'warmup/x.raw') } },
          ],
        },
      ],
      labelFiles: { y: join(root, 'names.txt') },
    },
  ]);
  assert.deepEqual(origins, [{ setting: 'maxRows', field: 'max_batch_size', at: 'config.pbtxt:2' }]);
  assert.deepEqual(notes.map(noteText), [
    'metric_tags["team"] "blue" (config.pbtxt:7): metrics have the labels of this server only',
    'version 2: not served: it holds no .onnx file yet',
    'stray.onnx: what lies beside the folders of versions is not served',
  ]);
});

const faulty: readonly { what: string; leaves: Record<string, Leaf>; problem: RegExp }[] = [
  {
    what: 'no label file',
    leaves: { 'warmup/x.raw': Buffer.alloc(16) },
    problem: /label file names.txt of output 'y' is not there/,
  },
  {
    what: 'no warm-up file',
    leaves: { 'names.txt': 'a' },
    problem: /warm-up file x.raw of input 'x' is not there/,
  },
  {
    what: 'a warm-up file of another size',
    leaves: { 'names.txt': 'a', 'warmup/x.raw': Buffer.alloc(15) },
    problem: /has 15 bytes, and its shape needs 16/,
  },
  {
    what: 'a folder in its place',
    leaves: { 'names.txt': 'a', 'warmup/x.raw': null },
    problem: /is not a file/,
  },
];

for (const { what, leaves, problem } of faulty)
  test(`a model with ${what} is broken`, async t => {
    const config = `${CONFIG.replace('dims: [ 4 ]', 'dims: [ 4 ] label_filename: "names.txt"')}
model_warmup { batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: 4 input_data_file: "x.raw" } } }`;
    const root = rooted(t, { 'config.pbtxt': config, '1/model.onnx': onnx, ...leaves });
    const [model] = await readRepository(root);
    assert.ok(model !== undefined && isBroken(model));
    assert.match(model.problem, problem);
  });

test('a sample has a batch in front if the model has, where its configuration leaves all to the model', async t => {
  const config =
    'model_warmup { batch_size: 2 inputs { key: "x" value { data_type: TYPE_FP32 dims: 4 zero_data: true } } }';
  const root = rooted(t, {
    'free/config.pbtxt': config,
    'free/1/model.onnx': onnx,
    'fixed/config.pbtxt': config.replace('2 inputs', '1 inputs'),
    'fixed/1/model.onnx': identityModel(elementTypes.FP32, [4]),
  });
  const found = await readRepository(root);
  const shapes = found.map(model => !isBroken(model) && model.versions[0]?.warmup?.[0]?.inputs[0]?.shape);
  assert.deepEqual(shapes, [[4], [2, 4]]);
});

test('a header behind many weights is found in a file that is read in pieces', async t => {
  const weights = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`w${index}`, Array.from({ length: 3000 }, () => 1)]),
  );
  const root = rooted(t, {
    'a/config.pbtxt': CONFIG,
    'a/1/model.onnx': identityModel(elementTypes.FP32, ['rows', 4], weights),
  });
  assert.deepEqual((await readRepository(root)).map(told), ['a 1:model.onnx']);
});

const missing: readonly { what: string; leaves: Record<string, Leaf>; at: string; code: string }[] = [
  { what: 'is not there', leaves: { a: 'x' }, at: 'nowhere', code: 'file_missing' },
  {
    what: 'is a list that cannot be read',
    leaves: { 'models.config': 'model_config {}' },
    at: '',
    code: 'repository_invalid',
  },
  { what: 'is a list by another name', leaves: { 'x.cfg': '}' }, at: 'x.cfg', code: 'repository_invalid' },
  {
    what: 'is configured by a type of its own',
    leaves: { 'models.config': 'custom_model_config { [a.b/c] { } }' },
    at: '',
    code: 'repository_invalid',
  },
];

for (const { what, leaves, at, code } of missing)
  test(`a repository that ${what} is refused`, async t => {
    const reading = readRepository(join(rooted(t, leaves), at));
    await assert.rejects(reading, error => error instanceof AppError && error.code === code);
  });

test('what cannot be read keeps no other model from being found', {
  skip: process.getuid?.() === 0 ? 'root may read everything' : false,
}, async t => {
  const root = rooted(t, { 'a/1/model.onnx': onnx, 'b/1/model.onnx': onnx, 'c/1/model.onnx': onnx });
  chmodSync(join(root, 'a'), 0o000);
  chmodSync(join(root, 'b/1'), 0o000);
  t.after(() => [join(root, 'a'), join(root, 'b/1')].forEach(path => chmodSync(path, 0o755)));
  const lines = (await readRepository(root)).map(told);
  assert.match(lines[0] ?? '', /^a is broken: .*cannot be read/);
  assert.match(lines[1] ?? '', /^b is broken: version 1: .*cannot be read/);
  assert.equal(lines[2], 'c 1:model.onnx');
});

test('a version is told from one that lay there before, and is the same while nothing changes', async t => {
  const root = rooted(t, { 'a/1/model.onnx': onnx, 'b.onnx': onnx, 'c.onnx': onnx });
  const reader = new RepositoryReader(root);
  const identities = async (): Promise<unknown[]> =>
    (await reader.read()).map(
      model => !isBroken(model) && [model.versions[0]?.version, model.versions[0]?.identity],
    );
  const before = await identities();
  assert.deepEqual(await identities(), before);
  plant(root, {
    'new/model.onnx': identityModel(elementTypes.FP32, ['rows', 5]),
    'new/b.onnx': identityModel(elementTypes.FP32, ['rows', 6]),
  });
  renameSync(join(root, 'new/model.onnx'), join(root, 'a/1/model.onnx'));
  renameSync(join(root, 'new/b.onnx'), join(root, 'b.onnx'));
  rmSync(join(root, 'new'), { recursive: true });
  const after = await identities();
  assert.equal(after.length, 3);
  for (const index of [0, 1]) assert.notDeepEqual(after[index], before[index]);
  assert.deepEqual(after[2], before[2]);
});

test('one model is read by its name', async t => {
  const root = rooted(t, { 'a/1/model.onnx': onnx, 'b/config.pbtxt': 'nonsense' });
  const reader = new RepositoryReader(root);
  const lines = await Promise.all(['a', 'b', 'c'].map(async name => (await reader.readOne(name)) ?? 'none'));
  assert.deepEqual(
    lines.map(line => (line === 'none' ? line : told(line)).slice(0, 14)),
    ['a 1:model.onnx', 'b is broken: c', 'none'],
  );
});
