import assert from 'node:assert/strict';
import test from 'node:test';
import { type Baked, bakedRevision, type Lying, pinned } from './baked.ts';
import { contained } from './contained.ts';
import { parse } from './parse.ts';
import { type Artifact, type Found, revisionOf } from './revision.ts';
import type { ModelService } from './schema.ts';

const plain: Lying = { isFile: path => path.endsWith('.onnx'), configured: () => undefined };

function read(spec: object): ModelService {
  const whole = 'models' in spec || 'repository' in spec ? spec : { model: { uri: './m' }, ...spec };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: whole }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function baked(spec: object, found: readonly Found[], { interpreter, lying = plain }: Options = {}): Baked {
  const written = read(spec);
  const inside = contained(written, { base: '/here', interpreter }).service;
  return bakedRevision({ written, inside, role: 'stable', found, lying });
}

interface Options {
  readonly interpreter?: string;
  readonly lying?: Lying;
}

const digest = `sha256:${'a'.repeat(64)}`;

/** A version of a model, in a folder of its own as it is named. */
const version = (number: string, change: Partial<Artifact> = {}): Artifact => ({
  path: `/here/m/${number}/model.onnx`,
  named: `/here/m/${number}`,
  digest,
  version: number,
  name: 'm',
  ...change,
});

const two: Found = { root: '/here/m', artifacts: [version('1'), version('2')], isVersioned: true };

test('each version is told by itself, where it lies in the image, with the labels once', () => {
  const { revision, models, pins } = baked(
    { model: { uri: './m', versions: { all: {} }, labels: { old: 1 } } },
    [two],
  );
  assert.deepEqual(revision.told, {
    kind: 'entries',
    entries: [
      { name: 'm', version: '1', uri: '/models/m/1', labels: { old: '1' } },
      { name: 'm', version: '2', uri: '/models/m/2' },
    ],
  });
  assert.deepEqual(models[1], {
    name: 'm',
    version: '2',
    from: '/here/m/2',
    to: '/models/m/2',
    withCode: false,
  });
  assert.deepEqual(pins[1], { uri: '/models/m/2', from: '/here/m/2', digest: undefined });
  assert.equal(revision.models[1]?.artifact.path, '/models/m/2/model.onnx');
});

test('each is told the digest of what its path leads to', () => {
  const { revision } = baked({}, [{ root: '/here/m', artifacts: [version('1')] }]);
  const { told, away } = pinned(revision, new Map([['/models/m/1', digest]]));
  assert.deepEqual([told, away], [told, told]);
  assert.deepEqual(told.kind === 'entries' && told.entries[0]?.digest, digest);
});

test('a file that is named alone keeps its name, and is told by it', () => {
  const artifact = { path: '/here/a.onnx', named: '/here/a.onnx', digest, pin: digest };
  const { revision, models, pins } = baked({}, [{ root: '/here/a.onnx', artifacts: [artifact] }]);
  assert.equal(revision.models[0]?.artifact.path, '/models/digits/aaaaaaaa/a.onnx');
  assert.equal(models[0]?.to, '/models/digits/aaaaaaaa/a.onnx');
  assert.deepEqual(pins, [{ uri: '/models/digits/aaaaaaaa/a.onnx', from: '/here/a.onnx', digest }]);
});

const configured: Lying = {
  isFile: () => false,
  configured: path => ({
    folder: '/here/m',
    version: path.replace('/model.onnx', ''),
    beside: ['/here/m/config.pbtxt', '/here/m/warmup'],
  }),
};

test('a configuration lies beside the versions that it chooses among, and is told once, without a digest', () => {
  const found = { ...two, isConfigured: true };
  const { revision, models, beside, pins } = baked({}, [found], { lying: configured });
  assert.deepEqual(revision.told, { kind: 'entries', entries: [{ name: 'm', uri: '/models/m' }] });
  assert.deepEqual(
    models.map(({ to }) => to),
    ['/models/m/1', '/models/m/2'],
  );
  assert.deepEqual(beside, [
    { from: '/here/m/config.pbtxt', to: '/models/m/config.pbtxt' },
    { from: '/here/m/warmup', to: '/models/m/warmup' },
  ]);
  assert.deepEqual(pins, []);
  const one = baked({}, [{ ...found, artifacts: [version('1')] }], { lying: configured });
  assert.deepEqual(one.pins, [
    { uri: '/models/m', from: '/here/m/1', digest: undefined, beside: one.beside },
  ]);
});

test('a configuration keeps the name of its folder, which it may say, where the model has another', () => {
  const { revision } = baked({ model: { uri: './m', name: 'other' } }, [{ ...two, isConfigured: true }], {
    lying: configured,
  });
  assert.deepEqual(revision.told, { kind: 'entries', entries: [{ name: 'other', uri: '/models/other/m' }] });
});

test('models of a repository are told one by one, each with its Python and what a list calls it', () => {
  const python = version('3', { name: 'p', loader: 'skops', path: '/here/p/3/a.skops', named: '/here/p/3' });
  const found = { root: '/here', artifacts: [version('1', { labels: ['old'] }), python] };
  const spec = { repository: { uri: './' }, runtime: { python: { threads: 2, trusted: ['a.B'] } } };
  const { revision } = baked(spec, [found], { interpreter: '/opt/venv/bin/python' });
  assert.deepEqual(revision.told, {
    kind: 'entries',
    entries: [
      { name: 'm', version: '1', uri: '/models/m/1', labels: { old: '1' } },
      {
        name: 'p',
        version: '3',
        uri: '/models/p/3',
        runtime: { python: { interpreter: '/opt/venv/bin/python', threads: 2, trusted: ['a.B'] } },
      },
    ],
  });
});

test('more models than one variable holds are told as the repository that they are', () => {
  const artifacts = Array.from({ length: 600 }, (_, at) =>
    version('1', { name: `m${at}`, path: `/here/m${at}/1/model.onnx`, named: `/here/m${at}/1` }),
  );
  const { revision, models, pins } = baked({ repository: { uri: './' } }, [{ root: '/here', artifacts }]);
  assert.deepEqual(revision.told, {
    kind: 'repository',
    repository: { uri: '/models', versions: { all: {} } },
  });
  assert.deepEqual([models.length, pins.length], [600, 0]);
});

test('what changes elsewhere while a server runs is in the image as it is now, and decides its name', () => {
  const spec = { model: { uri: 's3://b/m', exclude: ['*.md'] }, server: { control: { poll: '1m' } } };
  const at = (artifact: Artifact): Baked => baked(spec, [{ root: '/cache/m', artifacts: [artifact] }]);
  const { revision } = at(version('1'));
  assert.deepEqual(revision.told, {
    kind: 'entries',
    entries: [{ name: 'm', version: '1', uri: '/models/m/1' }],
  });
  assert.notEqual(at(version('1', { digest: `sha256:${'b'.repeat(64)}` })).revision.name, revision.name);
});

test('its name is that of the revision, and hangs on no folder of this machine', () => {
  const found = [{ root: '/here/m', artifacts: [version('1')] }];
  const service = read({ server: { deadline: '1s' } });
  assert.equal(
    baked({ server: { deadline: '1s' } }, found).revision.name,
    revisionOf(service, service.spec, found).name,
  );
  const spec = {
    runtime: { python: { interpreter: './.venv/bin/python' } },
    server: { tls: { certificate: 'a', key: 'b' }, control: { explicit: {} } },
  };
  const written = read(spec);
  const named = (base: string): string => {
    const artifact = version('1', { loader: 'skops', path: `${base}/m/1/a.skops`, named: `${base}/m/1` });
    const inside = contained(written, { base, interpreter: '/opt/venv/bin/python' }).service;
    const there = [{ root: `${base}/m`, artifacts: [artifact] }];
    return bakedRevision({ written, inside, role: 'stable', found: there, lying: plain }).revision.name;
  };
  assert.equal(named('/a'), named('/b/c'));
});

const foreign: readonly { name: string; spec: object; told: object }[] = [
  {
    name: 'Triton',
    spec: { runtime: { triton: {} }, repository: { uri: './' } },
    told: { kind: 'repository', repository: { uri: '/models' } },
  },
  {
    name: 'TensorFlow Serving',
    spec: { runtime: { tensorflowServing: {} }, model: { uri: './m', labels: { old: 1 } } },
    told: {
      kind: 'entries',
      entries: [{ name: 'm', version: '1', uri: '/models/m/1', labels: { old: '1' } }],
    },
  },
  {
    name: 'a command',
    spec: { runtime: { custom: { command: ['a'], protocol: 'v2' } }, repository: { uri: './' } },
    told: { kind: 'repository', repository: { uri: '/models/m/1' } },
  },
];

for (const { name, spec, told } of foreign)
  test(`for ${name} a version is a folder of its model's, with what lies beside it`, () => {
    const artifact = version('1', { path: '/here/m/1', beside: ['/here/m/config.pbtxt'] });
    const { revision, models, beside } = baked(spec, [{ root: '/here', artifacts: [artifact] }]);
    assert.deepEqual(revision.told, told);
    assert.equal(revision.models[0]?.artifact.path, '/models/m/1');
    assert.deepEqual(revision.models[0]?.artifact.beside, ['/models/m/config.pbtxt']);
    assert.deepEqual([models[0]?.from, models[0]?.to], ['/here/m/1', '/models/m/1']);
    assert.deepEqual(beside, [{ from: '/here/m/config.pbtxt', to: '/models/m/config.pbtxt' }]);
  });
