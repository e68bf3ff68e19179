import assert from 'node:assert/strict';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { AppError } from '#base';
import { elementTypes, identityModel } from '../../fixtures/onnx-file.ts';
import { type Leaf, plant, rowsOfFour, tree } from '../fixtures/tree.ts';
import { isBroken, type RepositoryModel, type ScannedModel } from '../model.ts';
import { noteText } from '../note.ts';
import { type RepositoryOptions, RepositoryReader, readRepository } from './read-repository.ts';

/** A root of a known name, since a model's may be that of its folder. */
function rooted(t: TestContext, leaves: Readonly<Record<string, Leaf>>): string {
  const moved = Object.entries(leaves).map(([path, leaf]) => [join('shop', path), leaf]);
  return join(tree(t, Object.fromEntries(moved) as Record<string, Leaf>), 'shop');
}

/** One line for each model, as short as it can be said. */
function told(model: ScannedModel): string {
  if (isBroken(model)) return `${model.name} is broken: ${model.problem}`;
  const versions = model.versions.map(({ version, path }) => `${version}:${basename(path)}`);
  const labels = model.labels.map(({ label, version }) => ` ${label}=${version}`).join('');
  const left = model.left.map(({ version }) => version);
  return `${model.name} ${versions.join(' ')}${labels}${left.length > 0 ? ` not ${left.join(' ')}` : ''}`;
}

const CONFIG = `backend: "onnxruntime"
max_batch_size: 8
input { name: "x" data_type: TYPE_FP32 dims: 4 }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] }
dynamic_batching { }
`;
const onnx = rowsOfFour;

const layouts: readonly {
  holds: string;
  leaves: Readonly<Record<string, Leaf>>;
  options?: RepositoryOptions;
  at?: string;
  gives: readonly (string | RegExp)[];
}[] = [
  {
    holds: 'one file',
    leaves: { 'digits.onnx': onnx },
    at: 'digits.onnx',
    gives: [/^digits [0-9a-f]{8}:digits.onnx$/],
  },
  {
    holds: 'one file in the folder of a version',
    leaves: { '3/model.onnx': onnx },
    at: '3/model.onnx',
    gives: ['shop 3:model.onnx'],
  },
  {
    holds: 'a folder with a file',
    leaves: { 'digits.onnx': onnx, 'labels.txt': 'a' },
    gives: [/^shop [0-9a-f]{8}:digits.onnx$/],
  },
  {
    holds: 'numbered versions',
    leaves: { '2/model.onnx': onnx, '10/model.onnx': onnx, '9/other.onnx': onnx },
    gives: ['shop 10:model.onnx not 2 9'],
  },
  {
    holds: 'numbered versions, all of them wanted',
    leaves: { '2/model.onnx': onnx, '10/model.onnx': onnx, '9/other.onnx': onnx },
    options: { versions: { all: {} } },
    gives: ['shop 2:model.onnx 9:other.onnx 10:model.onnx'],
  },
  {
    holds: 'a folder of models of every kind',
    leaves: {
      'a/1/model.onnx': onnx,
      'b/config.pbtxt': `version_policy { all { } } ${CONFIG}`,
      'b/1/model.onnx': onnx,
      'b/2/model.onnx': onnx,
      'c.onnx': onnx,
      'd/d.onnx': onnx,
      'e/config.pbtxt': CONFIG,
      'e/e.onnx': onnx,
      'readme.md': 'hello',
      '.git/1/model.onnx': onnx,
      '.hidden.onnx': onnx,
    },
    gives: [
      'a 1:model.onnx',
      'b 1:model.onnx 2:model.onnx',
      /^c \w{8}:c.onnx$/,
      /^d \w{8}:d.onnx$/,
      /^e \w{8}:e.onnx$/,
    ],
  },
  {
    holds: 'several files',
    leaves: { 'b.onnx': onnx, 'a.onnx': onnx },
    gives: [/^a \w{8}:a.onnx$/, /^b \w{8}:b.onnx$/],
  },
  { holds: 'nothing', leaves: { 'readme.md': 'hello' }, gives: [] },
  {
    holds: 'versions that are still written, with one that is not',
    leaves: { 'a/1/model.onnx': onnx, 'a/2': null, 'a/3/model.onnx.part': 'x', 'a/01/model.onnx': onnx },
    gives: ['a 1:model.onnx not 2 3'],
  },
  {
    holds: 'a model whose first version is still written',
    leaves: { 'a/1': null, 'b/1/model.onnx': onnx },
    gives: ['a is broken: version 1: it holds no .onnx file yet', 'b 1:model.onnx'],
  },
  {
    holds: 'a model under another name',
    leaves: {
      'a/config.pbtxt': 'default_model_filename: "net.onnx"',
      'a/1/net.onnx': onnx,
      'a/1/model.onnx': onnx,
    },
    gives: ['a 1:net.onnx'],
  },
  {
    holds: 'a model under another name that is not there',
    leaves: { 'a/config.pbtxt': 'default_model_filename: "net.onnx"', 'a/1/model.onnx': onnx },
    gives: ['a is broken: version 1: it holds no net.onnx yet'],
  },
  {
    holds: 'a model with its weights in a folder',
    leaves: { 'a/1/model.onnx/model.onnx': onnx, 'a/1/model.onnx/weights': 'w' },
    gives: ['a 1:model.onnx'],
  },
  {
    holds: 'two files for one version',
    leaves: { 'a/1/x.onnx': onnx, 'a/1/y.onnx': onnx },
    gives: [/^a is broken: version 1: it holds x.onnx, y.onnx; call one model.onnx/],
  },
  {
    holds: 'what others serve',
    leaves: {
      'a/1/saved_model.pb': 'x',
      'b/1/model.savedmodel/saved_model.pb': 'x',
      'c/1/model.pt': 'x',
      'd/1/model.plan': 'x',
    },
    gives: [
      /^a .*SavedModel, which TensorFlow Serving serves/,
      /^b .*SavedModel/,
      /^c .*PyTorch/,
      /^d .*TensorRT/,
    ],
  },
  {
    holds: 'an ONNX model, and a newer SavedModel',
    leaves: { 'a/1/model.onnx': onnx, 'a/2/saved_model.pb': 'x' },
    gives: [/^a is broken: version 2: it holds a TensorFlow SavedModel/],
  },
  {
    holds: 'versions that are asked for and not there',
    leaves: {
      'a/config.pbtxt': 'version_policy { specific { versions: [1, 7] } }',
      'a/1/model.onnx': onnx,
      'a/2/model.onnx': onnx,
    },
    gives: ['a 1:model.onnx not 2'],
  },
  {
    holds: 'none of the versions that are asked for',
    leaves: { 'a/config.pbtxt': 'version_policy { specific { versions: 7 } }', 'a/1/model.onnx': onnx },
    gives: ['a is broken: there is no version 7'],
  },
  {
    holds: 'a configuration of another model',
    leaves: { 'a/config.pbtxt': 'name: "b"', 'a/1/model.onnx': onnx },
    gives: [/^a is broken: config.pbtxt:1:1: name "b" is not the name of its folder/],
  },
  {
    holds: 'a configuration that is none',
    leaves: { 'a/config.pbtxt': 'name = b', 'a/1/model.onnx': onnx, 'b/1/model.onnx': onnx },
    gives: [/^a is broken: config.pbtxt:1:6: /, 'b 1:model.onnx'],
  },
  {
    holds: 'a configuration that is no text',
    leaves: { 'a/config.pbtxt': Buffer.from([255, 254]), 'a/1/model.onnx': onnx },
    gives: [/^a is broken: .*config.pbtxt cannot be read: it is not UTF-8 text/],
  },
  {
    holds: 'a configuration larger than any',
    leaves: { 'a/config.pbtxt': Buffer.alloc(1024 * 1024 + 1, 32), 'a/1/model.onnx': onnx },
    gives: [/^a is broken: .* more than 1048576 bytes/],
  },
  {
    holds: 'names that no path carries',
    leaves: { 'a b/1/model.onnx': onnx, 'c/1/model.onnx': onnx },
    gives: [/^a b is broken: its name must be/, 'c 1:model.onnx'],
  },
  {
    holds: 'one name twice',
    leaves: { 'a/1/model.onnx': onnx, 'a.onnx': onnx, 'b.onnx': onnx },
    gives: ['a 1:model.onnx', 'a is broken: another model has this name too', /^b \w{8}/],
  },
  {
    holds: 'links to a model, and to nothing',
    leaves: {
      'elsewhere/here/1/model.onnx': onnx,
      'elsewhere/config.pbtxt': 'default_model_filename: "x.onnx"',
      'models/a': { link: '../elsewhere/here' },
      'models/b': { link: '../nowhere' },
      'models/c/1/model.onnx': { link: '../../../elsewhere/here/1/model.onnx' },
      'models/d': { link: '.' },
    },
    at: 'models',
    gives: ['a 1:model.onnx', 'c 1:model.onnx', /^d is broken/],
  },
  {
    holds: 'an empty folder among models',
    leaves: { a: null, 'b/1/model.onnx': onnx },
    gives: [/^a is broken: .*holds no .onnx file, and no folder of a numbered version/, 'b 1:model.onnx'],
  },
  {
    holds: 'a model that is not what its configuration says',
    leaves: {
      'a/config.pbtxt': CONFIG,
      'a/1/model.onnx': identityModel(elementTypes.FP32, ['rows', 5]),
      'b/config.pbtxt': CONFIG,
      'b/1/model.onnx': identityModel(elementTypes.INT64, ['rows', 4]),
      'c/config.pbtxt': CONFIG,
      'c/1/model.onnx': 'no model',
      'd/config.pbtxt': `version_policy { all { } } ${CONFIG}`,
      'd/1/model.onnx': identityModel(elementTypes.FP32, [1, 4]),
      'd/2/model.onnx': onnx,
    },
    gives: [
      /^a is broken: version 1: the model's input 'x' has the shape \[-1,5\], and config.pbtxt comes to \[-1,4\]/,
      /^b is broken: version 1: the model's input 'x' is INT64, and config.pbtxt has FP32/,
      /^c is broken: version 1: model.onnx is not a valid ONNX model: /,
      'd 2:model.onnx not 1',
    ],
  },
  {
    holds: 'a list of models',
    leaves: {
      'models.config': `model_config_list {
        config { name: "a" base_path: "there/one" model_platform: "tensorflow"
          model_version_policy { specific { versions: 2 versions: 3 } }
          version_labels { key: "stable" value: 2 } version_labels { key: "canary" value: 3 }
          version_labels { key: "gone" value: 4 } },
        config { name: "b", base_path: "there/two" },
        config { name: "c", base_path: "nowhere" },
        config { name: "d", base_path: "s3://bucket/model" },
        config { name: "a", base_path: "there/two" },
        config { name: "e", base_path: "saved" model_version_policy { latest { num_versions: 2 } } } }`,
      'there/one/1/model.onnx': onnx,
      'there/one/2/model.onnx': onnx,
      'there/one/3/model.onnx': onnx,
      'there/two/00000005/model.onnx': onnx,
      'there/two/4/model.onnx': onnx,
      'there/two/config.pbtxt': 'nonsense',
      'saved/1/saved_model.pb': 'x',
    },
    gives: [
      'a 2:model.onnx 3:model.onnx stable=2 canary=3 not 1',
      'b 4:model.onnx',
      /^c is broken: .*nowhere: the model repository is not there/,
      /^d is broken: s3:\/\/bucket\/model: the scheme 's3' is not supported/,
      /^a is broken/,
      /^e is broken: version 1: it holds a TensorFlow SavedModel/,
    ],
  },
];

for (const { holds, leaves, options = {}, at = '', gives } of layouts)
  test(`a repository that holds ${holds} is read`, async t => {
    const found = await readRepository(join(rooted(t, leaves), at), options);
    const lines = found.map(told);
    assert.equal(lines.length, gives.length, lines.join('\n'));
    for (const [index, expected] of gives.entries()) {
      if (typeof expected === 'string') assert.equal(lines[index], expected);
      else assert.match(lines[index] ?? '', expected);
    }
  });

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
