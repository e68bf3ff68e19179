import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { after } from 'node:test';
import type { Logger } from '#base';
import { usualSettings } from '#server';
import { type AskedFlags, askedModels } from './asked-models.ts';
import { justPaths } from './model-store.ts';
import { type ByName, type NamedModels, namedModels } from './named-models.ts';

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

/** One that is read through before it takes the place of another. */
const onnx = new URL('../../examples/digits/models/digits/1/model.onnx', import.meta.url);

const silent: Logger = { enabled: () => false, log: () => undefined };
const plain: ByName = {
  usual: usualSettings,
  shares: new Map(),
  labels: [],
  logger: silent,
  store: justPaths,
};

async function find(
  given: readonly string[],
  flags: AskedFlags = {},
  byName: Partial<ByName> = {},
): Promise<NamedModels> {
  return namedModels(await askedModels(given, flags), { ...plain, ...byName });
}

/** Names and versions, with their paths from here. */
function told({ found }: NamedModels): string[] {
  return found.flatMap(({ versions }) =>
    versions.map(({ name, version, path }) => `${name} ${version} ${relative(process.cwd(), path)}`),
  );
}

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
    const { found } = await find(asked);
    assert.deepEqual(
      found.map(one => [one.name, one.versions.map(version => version.path)]),
      [[name, [join(process.cwd(), path)]]],
    );
  });
}

test('MODEL_PATH is never split, whatever is there', async t => {
  t.after(() => delete process.env['MODEL_PATH']);
  process.env['MODEL_PATH'] = 'mine=m.onnx';
  await assert.rejects(find([]), { code: 'file_missing' });
});

test('a name leads to what lies there when it is asked', async () => {
  mkdirSync('versions/1', { recursive: true });
  writeFileSync('versions/1/model.onnx', 'one');
  const models = await find(['mine=versions', 'other=m.onnx']);
  assert.deepEqual(told(models).slice(0, 1), ['mine 1 versions/1/model.onnx']);
  mkdirSync('versions/2');
  copyFileSync(onnx, 'versions/2/model.onnx');
  const now = await models.named('mine');
  assert.deepEqual(
    now?.versions.map(({ version, path }) => [version, path]),
    [['2', join(process.cwd(), 'versions/2/model.onnx')]],
  );
  assert.equal(await models.named('nope'), undefined);
  assert.deepEqual(
    (await models.all()).map(({ name, versions }) => `${name} ${versions[0]?.version}`),
    ['mine 2', `other ${models.found[1]?.versions[0]?.version}`],
  );
});

test('two paths that come to lead to one version are refused', async () => {
  mkdirSync('pair/1', { recursive: true });
  mkdirSync('pair/2');
  for (const version of ['1', '2']) writeFileSync(`pair/${version}/model.onnx`, version);
  const models = await find(['mine=pair', 'mine=pair/1']);
  rmSync('pair/2', { recursive: true });
  await assert.rejects(models.named('mine'), { code: 'usage_invalid' });
  await assert.rejects(find(['mine=pair', 'mine=pair/1']), { code: 'usage_invalid' });
});

for (const version of ['1', '2', '10']) {
  mkdirSync(`many/${version}`, { recursive: true });
  writeFileSync(`many/${version}/model.onnx`, version);
}
mkdirSync('many/notes');

for (const [versions, expected] of Object.entries({
  all: ['1', '2', '10'],
  'latest:1': ['10'],
  'latest:2': ['2', '10'],
  'latest:9': ['1', '2', '10'],
  '10,1': ['1', '10'],
})) {
  test(`--versions ${versions} of 1, 2 and 10 serves ${expected.join(', ')}`, async () => {
    assert.deepEqual(
      told(await find(['many'], { versions })),
      expected.map(version => `many ${version} many/${version}/model.onnx`),
    );
  });
}

test('a list is read beside arguments, each from its own place', async () => {
  mkdirSync('lists', { recursive: true });
  writeFileSync(
    'lists/models.yaml',
    '- {name: a, uri: ../m.onnx, version: "7", labels: {stable: 7}, deadline: 2s, queue: {rows: 5}}\n- {name: b, uri: ../many, versions: {latest: 2}, share: 3, batching: {maxRows: 8, maxDelay: 5ms}}\n',
  );
  const models = await find(['v=1'], { models: 'lists/models.yaml' });
  assert.deepEqual(told(models).slice(1), ['a 7 m.onnx', 'b 2 many/2/model.onnx', 'b 10 many/10/model.onnx']);
  const [, a, b] = models.found;
  assert.deepEqual(a?.labels, [{ name: 'a', label: 'stable', version: '7' }]);
  assert.deepEqual(a?.versions[0]?.settings, {
    deadlineMs: 2000,
    queue: { rows: 5, bytes: usualSettings.queue.bytes },
  });
  assert.deepEqual(b?.versions[1]?.settings, { share: 3, maxRows: 8, maxDelayMs: 5 });
});

test('FAIRLEAD_MODELS is a list, and stands before MODEL_PATH', async t => {
  t.after(() => {
    delete process.env['FAIRLEAD_MODELS'];
    delete process.env['MODEL_PATH'];
  });
  process.env['MODEL_PATH'] = 'nope';
  process.env['FAIRLEAD_MODELS'] = JSON.stringify([
    { name: 'a', version: '1', uri: join(process.cwd(), 'm.onnx') },
  ]);
  assert.deepEqual(told(await find([])), ['a 1 m.onnx']);
  assert.equal(told(await find(['x=1.onnx'])).length, 1);
});

test('shares and labels go by the name of a model', async () => {
  const models = await find(
    ['many'],
    { versions: 'all' },
    {
      shares: new Map([['many', 2]]),
      labels: [{ name: 'many', label: 'new', version: '10' }],
    },
  );
  assert.deepEqual(
    models.found[0]?.versions.map(({ settings }) => settings),
    [{ share: 2 }, { share: 2 }, { share: 2 }],
  );
  assert.deepEqual(models.found[0]?.labels, [{ name: 'many', label: 'new', version: '10' }]);
});

test('a path of a list that is gone keeps no other model from being followed, and its own stays', async () => {
  mkdirSync('going/1', { recursive: true });
  mkdirSync('growing/1', { recursive: true });
  for (const path of ['going/1', 'growing/1']) writeFileSync(`${path}/model.onnx`, path);
  const lines: unknown[] = [];
  const logger: Logger = { enabled: () => true, log: (level, message) => lines.push(`${level} ${message}`) };
  const models = await find(['going', 'growing'], {}, { logger });
  rmSync('going', { recursive: true });
  mkdirSync('growing/2');
  copyFileSync(onnx, 'growing/2/model.onnx');
  const look = async (): Promise<string[]> =>
    (await models.all()).map(({ name, versions }) => `${name} ${versions[0]?.version}`);
  for (let time = 0; time < 2; time++) assert.deepEqual(await look(), ['going 1', 'growing 2']);
  assert.deepEqual(lines, ['error models not looked for']);
  mkdirSync('going/3', { recursive: true });
  copyFileSync(onnx, 'going/3/model.onnx');
  assert.deepEqual(await look(), ['going 3', 'growing 2']);
});

test('a version that is still being written does not take the place of what is served', async () => {
  mkdirSync('slow/1', { recursive: true });
  copyFileSync(onnx, 'slow/1/model.onnx');
  const lines: unknown[] = [];
  const logger: Logger = { enabled: () => true, log: (_, message) => lines.push(message) };
  const models = await find(['slow'], {}, { logger });
  mkdirSync('slow/2');
  const served = async (): Promise<unknown> => (await models.all())[0]?.versions[0]?.version;
  for (const bytes of [0, 100, 1000]) {
    writeFileSync('slow/2/model.onnx', readFileSync(onnx).subarray(0, bytes));
    assert.equal(await served(), '1', `after ${bytes} bytes`);
  }
  copyFileSync(onnx, 'slow/2/model.onnx');
  assert.equal(await served(), '2');
  assert.equal(new Set(lines).size, 1);
});

writeFileSync('lists-one.yaml', '- {name: a, uri: m.onnx}\n');

const refused: readonly {
  name: string;
  given: readonly string[];
  flags?: AskedFlags;
  byName?: Partial<ByName>;
  code?: string;
  says: RegExp;
}[] = [
  { name: 'nothing', given: [], says: /no model is named: give MODEL, or set MODEL_PATH/ },
  {
    name: 'no interpreter',
    given: ['m.onnx'],
    flags: { interpreter: '' },
    says: /--interpreter must name a program/,
  },
  { name: 'a name for two', given: ['m.onnx', 'v=1'], flags: { name: 'a' }, says: /--name names one model/ },
  {
    name: 'one version and a choice',
    given: ['many'],
    flags: { versions: 'all', modelVersion: '1' },
    says: /--model-version names one version, and --versions chooses several/,
  },
  {
    name: 'a choice that is none',
    given: ['many'],
    flags: { versions: 'new' },
    code: 'model_ambiguous',
    says: /no version new/,
  },
  {
    name: 'versions of a file',
    given: ['m.onnx'],
    flags: { versions: 'all' },
    code: 'model_ambiguous',
    says: /no folder of numbered versions/,
  },
  {
    name: 'versions of a folder without',
    given: ['v=1'],
    flags: { versions: 'all' },
    code: 'model_ambiguous',
    says: /no folder of numbered versions/,
  },
  {
    name: 'a list that is not there',
    given: [],
    flags: { models: 'nope.yaml' },
    code: 'file_unreadable',
    says: /nope\.yaml cannot be read/,
  },
  {
    name: 'a choice beside a list alone',
    given: [],
    flags: { models: 'lists/models.yaml', versions: 'all' },
    says: /--versions is for models that are arguments/,
  },
  {
    name: 'a name beside a list of one',
    given: [],
    flags: { models: 'lists-one.yaml', name: 'b' },
    says: /--name is for models that are arguments/,
  },
  {
    name: 'a version beside a list of one',
    given: [],
    flags: { models: 'lists-one.yaml', modelVersion: '3' },
    says: /--model-version is for models that are arguments/,
  },
  {
    name: 'a share of nobody',
    given: ['m.onnx'],
    byName: { shares: new Map([['n', 2]]) },
    says: /--share: model 'n' is not served; served are m/,
  },
  {
    name: 'a label of nobody',
    given: ['m.onnx'],
    byName: { labels: [{ name: 'n', label: 'a', version: '1' }] },
    says: /--label: model 'n' is not served/,
  },
];

for (const { name, given, flags, byName, code = 'usage_invalid', says } of refused) {
  test(`refused: ${name}`, async () => assert.rejects(find(given, flags, byName), { code, message: says }));
}

test('a fault of a list is told with its place', async () => {
  writeFileSync('faulty.yaml', '- {name: a, uri: m.onnx, sahre: 2}\n');
  await assert.rejects(find([], { models: 'faulty.yaml' }), {
    code: 'spec_invalid',
    message:
      /faulty\.yaml has a fault:\n {2}line 1, column 26: \[0\]\.sahre is not a known key; did you mean 'share'\?/,
  });
});
