import assert from 'node:assert/strict';
import test from 'node:test';
import { choose } from './choose.ts';
import type { Listing } from './source.ts';
import type { Wanted } from './store.ts';

const listing = (paths: readonly string[], named?: string): Listing => ({
  files: paths.map(path => ({ path, key: path, size: 1, token: undefined })),
  ...(named !== undefined && { named }),
});

type Choosing = Pick<Wanted, 'include' | 'exclude' | 'versions'>;

const versions = [
  'README.md',
  '1/model.onnx',
  '2/model.onnx',
  '10/model.onnx',
  '10/deep/w.bin',
  'x/model.onnx',
];
const triton = ['config.pbtxt', '1/model.onnx', '2/model.onnx'];
const repository = ['digits/config.pbtxt', 'digits/1/model.onnx', '7/config.pbtxt', '7/1/model.onnx'];

const cases: readonly {
  name: string;
  paths: readonly string[];
  named?: string;
  wanted?: Choosing;
  files: readonly string[];
  within?: string;
  isSeveral?: boolean;
}[] = [
  {
    name: 'all that is part of a model',
    paths: [
      'a.onnx',
      'deep/b.bin',
      '.git/HEAD',
      '.hidden',
      '__pycache__/c.pyc',
      'model.sig',
      'm.sigstore.json',
    ],
    files: ['a.onnx', 'deep/b.bin'],
  },
  {
    name: 'what is included, in any folder, and not what is excluded too',
    paths: ['a.onnx', 'deep/b.onnx', 'deep/c.bin', 'old/a.onnx'],
    wanted: { include: ['*.onnx'], exclude: ['old/**'] },
    files: ['a.onnx', 'deep/b.onnx'],
  },
  {
    name: 'a file that is named, whatever is included, and what is included of its weights',
    paths: ['.m.onnx', '.m.onnx.data', 'm.onnx_data'],
    named: '.m.onnx',
    wanted: { include: ['*_data'] },
    files: ['.m.onnx', 'm.onnx_data'],
  },
  { name: 'the highest version', paths: versions, files: ['10/model.onnx', '10/deep/w.bin'], within: '10' },
  {
    name: 'the two highest versions',
    paths: versions,
    wanted: { versions: { latest: 2 } },
    files: ['2/model.onnx', '10/model.onnx', '10/deep/w.bin'],
    isSeveral: true,
  },
  {
    name: 'every version',
    paths: versions,
    wanted: { versions: { all: {} } },
    files: ['1/model.onnx', '2/model.onnx', '10/model.onnx', '10/deep/w.bin'],
    isSeveral: true,
  },
  {
    name: 'a version that is named',
    paths: versions,
    wanted: { versions: { specific: ['2'] } },
    files: ['2/model.onnx'],
    within: '2',
  },
  {
    name: 'a folder with a model beside numbers, whole',
    paths: ['model.onnx', '1/w.bin'],
    files: ['model.onnx', '1/w.bin'],
  },
  { name: 'a SavedModel, whole', paths: ['saved_model.pb', '1/w.bin'], files: ['saved_model.pb', '1/w.bin'] },
  { name: 'a model of Triton, whole, which says itself what is served', paths: triton, files: triton },
  { name: 'a repository of several models, whole', paths: repository, files: repository },
  {
    name: 'versions larger than numbers are exact',
    paths: ['9007199254740993/m.onnx', '9007199254740992/m.onnx'],
    files: ['9007199254740993/m.onnx'],
    within: '9007199254740993',
  },
];

for (const { name, paths, named, wanted = {}, files, within, isSeveral = false } of cases) {
  test(`it takes ${name}`, () => {
    const result = choose(listing(paths, named), wanted);
    assert.ok(result.ok, 'nothing was chosen');
    assert.deepEqual(
      result.value.files.map(({ path }) => path),
      files,
    );
    assert.deepEqual([result.value.within, result.value.isSeveral], [within, isSeveral]);
  });
}

test('signatures are told apart, those of the version that is taken', () => {
  const paths = ['model.sig', '1/model.onnx', '1/model.sig', '2/model.onnx', '2/model.sig'];
  const result = choose(listing(paths), {});
  assert.deepEqual(result.ok && result.value.signatures.map(({ path }) => path), ['2/model.sig']);
});

test('archives are taken whatever is included: what is in them is looked at later', () => {
  const files = [{ path: '.layer', key: 'k', size: 1, token: 't', unpack: { format: 'tar' } as const }];
  const result = choose({ files }, { include: ['*.onnx'] });
  assert.deepEqual(result.ok && result.value.files, files);
});

for (const { name, paths, wanted = {}, problem } of [
  { name: 'a model with no parts', paths: ['.git/HEAD'], problem: /no file that is part of a model/ },
  {
    name: 'a model of which all is left out',
    paths: ['a.onnx'],
    wanted: { exclude: ['*'] },
    problem: /include and exclude/,
  },
  {
    name: 'a version that is not there',
    paths: versions,
    wanted: { versions: { specific: ['3'] } },
    problem: /^version 3 is not there, there are 10, 2, 1$/,
  },
]) {
  test(`it refuses ${name}`, () => {
    const result = choose(listing(paths), wanted);
    assert.match(result.ok ? 'chosen' : result.error, problem);
  });
}
