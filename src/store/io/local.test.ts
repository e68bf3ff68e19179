import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { AppError, type ErrorCode } from '#base';
import { resolveModel } from './local.ts';

/** A folder with files whose text is their own path. It is gone after the test. */
async function folder(t: TestContext, files: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fairlead-store-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), file);
  }
  return root;
}

const digest = (bytes: string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const found: readonly {
  name: string;
  files: readonly string[];
  uri: string;
  file: string;
  version?: string;
}[] = [
  { name: 'a file', files: ['digits.onnx'], uri: 'digits.onnx', file: 'digits.onnx' },
  { name: 'a folder with one model', files: ['d/model.onnx'], uri: 'd', file: 'd/model.onnx' },
  {
    name: 'the highest of version folders, by number',
    files: ['d/2/model.onnx', 'd/10/model.onnx', 'd/9/model.onnx'],
    uri: 'd',
    file: 'd/10/model.onnx',
    version: '10',
  },
  {
    name: 'the version that is named',
    files: ['d/2/model.onnx', 'd/10/model.onnx'],
    uri: 'd/2',
    file: 'd/2/model.onnx',
    version: '2',
  },
  {
    name: 'version folders beside other files and folders',
    files: ['d/1/model.onnx', 'd/README.md', 'd/tmp/model.onnx', 'd/007/model.onnx', 'd/12'],
    uri: './d/',
    file: 'd/1/model.onnx',
    version: '1',
  },
  {
    name: 'a model beside what an editor or another system left',
    files: ['d/model.onnx', 'd/._model.onnx', 'd/.onnx', 'd/old.onnx/.keep'],
    uri: 'd',
    file: 'd/model.onnx',
  },
];

for (const { name, files, uri, file, ...version } of found) {
  test(`a model is found as ${name}`, async t => {
    const root = await folder(t, files);
    const model = { path: join(root, file), digest: digest(file), ...version };
    const { name: _name, ...rest } = await resolveModel(uri, root);
    assert.deepEqual(rest, model);
    // The base counts for relative paths only.
    assert.equal((await resolveModel(join(root, uri), '/nowhere')).path, model.path);
    assert.equal((await resolveModel(pathToFileURL(join(root, uri)).href, '/nowhere')).path, model.path);
  });
}

test('a version folder may be a link, as Kubernetes mounts volumes', async t => {
  const root = await folder(t, ['data/model.onnx']);
  await symlink('data', join(root, '4'));
  assert.equal((await resolveModel('.', root)).path, join(root, '4/model.onnx'));
});

test('a digest is that of the whole file, also of one larger than a read', async t => {
  const root = await folder(t, []);
  const bytes = 'fairlead'.repeat(100_000);
  await writeFile(join(root, 'big.onnx'), bytes);
  assert.equal((await resolveModel('big.onnx', root)).digest, digest(bytes));
});

/** The digest of a folder of files, each holding the text beside its name; `uri` is the folder unless given. */
async function digestWith(
  t: TestContext,
  texts: Readonly<Record<string, string>>,
  uri = 'm',
): Promise<string> {
  const root = await folder(t, []);
  await mkdir(join(root, 'm/deeper'), { recursive: true });
  for (const [name, text] of Object.entries(texts)) await writeFile(join(root, 'm', name), text);
  return (await resolveModel(uri, root)).digest;
}

const FILE = 'm/model.onnx';

const covered: readonly { name: string; change: Readonly<Record<string, string>>; uri?: string }[] = [
  { name: 'weights of any name beside the model of a folder', change: { 'w.bin': 'b' } },
  { name: 'the name of a file beside it', change: { 'v.bin': 'a' } },
  { name: 'model.onnx.data beside a file', change: { 'model.onnx.data': 'b' }, uri: FILE },
  { name: 'model.onnx_data beside a file', change: { 'model.onnx_data': 'b' }, uri: FILE },
  { name: 'the model itself', change: { 'model.onnx': 'b' }, uri: FILE },
  { name: 'a file in a folder within', change: { 'deeper/w.bin': 'b' } },
];

for (const { name, change, uri } of covered) {
  test(`a digest covers ${name}`, async t => {
    const before = { 'model.onnx': 'a', 'w.bin': 'a', 'model.onnx.data': 'a', 'model.onnx_data': 'a' };
    const digests = [await digestWith(t, before, uri), await digestWith(t, { ...before, ...change }, uri)];
    assert.notEqual(digests[0], digests[1]);
    assert.ok(digests.every(one => /^sha256:[0-9a-f]{64}$/.test(one)));
  });
}

const notCovered: readonly { name: string; more: Readonly<Record<string, string>>; uri?: string }[] = [
  { name: 'what is hidden in a folder', more: { '.DS_Store': 'b' } },
  { name: 'what Python leaves behind', more: { __pycache__: 'b' } },
  { name: 'a signature', more: { 'model.sig': 'b', 'm.sigstore.json': 'b', 'm.sigstore': 'b' } },
  { name: 'other files beside a file', more: { 'w.bin': 'b', 'other.onnx': 'b' }, uri: FILE },
];

for (const { name, more, uri } of notCovered) {
  test(`a digest leaves out ${name}`, async t =>
    assert.equal(await digestWith(t, { 'model.onnx': 'a', ...more }, uri), digest('a')));
}

test('a file and its folder have one digest, with weights and without', async t => {
  for (const texts of [
    { 'model.onnx': 'a' },
    { 'model.onnx': 'a', 'model.onnx.data': 'w', 'model.onnx_data': 'v' },
  ])
    assert.equal(await digestWith(t, texts, FILE), await digestWith(t, texts));
});

test('a pipe and a dead link in the folder of a model are passed over', async t => {
  const root = await folder(t, ['m/model.onnx']);
  execFileSync('mkfifo', [join(root, 'm/control')]);
  await symlink('nowhere', join(root, 'm/dead'));
  assert.equal((await resolveModel('m', root)).digest, digest('m/model.onnx'));
});

const refused: readonly {
  name: string;
  files: readonly string[];
  uri: string;
  code: ErrorCode;
  message: RegExp;
}[] = [
  {
    name: 'a missing file',
    files: [],
    uri: 'm.onnx',
    code: 'file_missing',
    message: /m\.onnx: the model is not there$/,
  },
  {
    name: 'a file under a file',
    files: ['a'],
    uri: 'a/m.onnx',
    code: 'file_missing',
    message: /a\/m\.onnx: the model/,
  },
  {
    name: 'an empty folder',
    files: ['d/notes.txt'],
    uri: 'd',
    code: 'model_ambiguous',
    message: /holds no model file, such as model\.onnx$/,
  },
  {
    name: 'a folder with two models',
    files: ['d/b.onnx', 'd/a.onnx'],
    uri: 'd',
    code: 'model_ambiguous',
    message: /d is not a model folder: it holds a\.onnx, b\.onnx$/,
  },
  {
    name: 'an empty version folder, though an older one has a model',
    files: ['d/1/model.onnx', 'd/2/notes.txt'],
    uri: 'd',
    code: 'model_ambiguous',
    message: /d\/2 is not a model folder: it holds no model file, such as model\.onnx$/,
  },
  {
    name: 'version folders in a version folder',
    files: ['d/1/2/model.onnx'],
    uri: 'd',
    code: 'model_ambiguous',
    message: /d\/1 is not a model folder/,
  },
  {
    name: 'another scheme',
    files: [],
    uri: 's4://bucket/m',
    code: 'uri_invalid',
    message: /^s4:\/\/bucket\/m: the scheme 's4' is not known; did you mean s3:\/\/\?$/,
  },
  {
    name: 'a path that no system has',
    files: [],
    uri: 'a\0b',
    code: 'file_unreadable',
    message: /cannot be read/,
  },
  {
    name: 'what is no file',
    files: [],
    uri: '/dev/null',
    code: 'file_unreadable',
    message: /not a regular file$/,
  },
];

for (const { name, files, uri, code, message } of refused) {
  test(`${name} is refused as ${code}`, async t => {
    const root = await folder(t, files);
    await assert.rejects(resolveModel(uri, root), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('a pipe is refused at once rather than waited on', async t => {
  const root = await folder(t, []);
  execFileSync('mkfifo', [join(root, 'm.onnx')]);
  await assert.rejects(resolveModel('m.onnx', root), { code: 'file_unreadable' });
});

test('links in a circle are refused', async t => {
  const root = await folder(t, []);
  await symlink('b', join(root, 'a'));
  await symlink('a', join(root, 'b'));
  await assert.rejects(resolveModel('a', root), { code: 'file_unreadable' });
});

const skip = process.getuid?.() === 0 ? 'the superuser may read everything' : false;

test('a file that may not be read is refused as file_unreadable', { skip }, async t => {
  const root = await folder(t, ['m.onnx']);
  await chmod(join(root, 'm.onnx'), 0);
  await assert.rejects(resolveModel('m.onnx', root), { code: 'file_unreadable' });
});

test('a caller that gives up gets its own reason back', async t => {
  const root = await folder(t, ['m.onnx']);
  const reason = new Error('the user went away');
  await assert.rejects(resolveModel('m.onnx', root, { signal: AbortSignal.abort(reason) }), reason);
});

const code = ['m/net.py', 'm/helper.py', 'm/pack/__init__.py', 'm/pack/inner/more.py', 'm/bare/more.py'];

for (const changed of code)
  test(`a digest covers ${changed} beside a file that the code loads, and not where there is none`, async t => {
    const root = await folder(t, ['m/w.bin', ...code, 'm/data/table.csv', 'm/notes.txt']);
    const digests = async (): Promise<readonly string[]> => [
      (await resolveModel('m/w.bin', root, { withCode: true })).digest,
      (await resolveModel('m/w.bin', root)).digest,
    ];
    const [withCode, without] = await digests();
    await writeFile(join(root, 'm/notes.txt'), 'changed');
    await writeFile(join(root, 'm/data/table.csv'), 'changed');
    assert.deepEqual(await digests(), [withCode, without]);
    await writeFile(join(root, changed), 'changed');
    const [after, still] = await digests();
    assert.notEqual(after, withCode);
    assert.equal(still, without);
  });

test('a folder that is the model is not one of versions, whatever numbers lie in it', async t => {
  const root = await folder(t, ['m/1/net.py', 'm/net.py']);
  assert.equal((await resolveModel('m', root, { isWhole: true })).path, join(root, 'm'));
});
