import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parse } from './parse.ts';
import { type Artifact, armsOf, type Found, revisionOf, urisOf } from './revision.ts';
import type { ModelService } from './schema.ts';
import { serviceFile } from './spec.arbitrary.ts';

const artifact: Artifact = { path: '/models/digits/2/model.onnx', digest: `sha256:${'a'.repeat(64)}` };

const found = (change: Partial<Artifact> = {}): Found[] => [
  { root: '/models/digits', artifacts: [{ ...artifact, ...change }] },
];

/** The stable revision's name for a change of the service, its model or its artifact. */
function nameOf(change: object = {}, model: object = {}, changed: Partial<Artifact> = {}): string {
  const file = { kind: 'ModelService', metadata: { name: 'digits' } };
  const spec = { model: { uri: './digits', ...model }, ...change };
  const service = read({ ...file, spec });
  return revisionOf(service, service.spec, found(changed)).name;
}

function read(file: object): ModelService {
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const same: readonly { name: string; hash: () => string }[] = [
  { name: 'the count of servers', hash: () => nameOf({ replicas: 7 }) },
  { name: 'where the model came from', hash: () => nameOf({}, { uri: 'file:///elsewhere' }) },
  { name: 'where the model lies', hash: () => nameOf({}, {}, { path: '/cache/model.onnx' }) },
  { name: 'a candidate beside it', hash: () => nameOf({ candidate: { model: { uri: 'n' }, weight: 10 } }) },
  {
    name: 'the weight of the candidate',
    hash: () => nameOf({ candidate: { model: { uri: 'n' }, weight: 90 } }),
  },
  { name: 'a default that is written out', hash: () => nameOf({ runtime: { onnx: { threads: 1 } } }) },
  {
    name: 'a usual priority that it had anyway',
    hash: () => nameOf({ server: { priorities: { levels: 1, usual: 1 } } }),
  },
  { name: 'the digest that is pinned', hash: () => nameOf({}, { digest: `sha256:${'a'.repeat(64)}` }) },
  { name: 'whether its bytes are pinned', hash: () => nameOf({}, {}, { pin: `sha256:${'a'.repeat(64)}` }) },
  { name: 'which files were fetched', hash: () => nameOf({}, { uri: 's3://b/m', exclude: ['*.bin'] }) },
  { name: 'the policy', hash: () => nameOf({ policy: { digest: 'required' } }) },
  { name: 'the version that it had anyway', hash: () => nameOf({}, { version: 'aaaaaaaa' }) },
];

for (const { name, hash } of same) {
  test(`a revision stays the same whatever ${name}`, () => assert.equal(hash(), nameOf()));
}

const other: readonly { name: string; hash: () => string }[] = [
  { name: 'the bytes of the model', hash: () => nameOf({}, {}, { digest: `sha256:${'b'.repeat(64)}` }) },
  { name: 'the version of the model', hash: () => nameOf({}, { version: '3' }) },
  { name: 'the version its folder tells', hash: () => nameOf({}, {}, { version: '3' }) },
  { name: 'the name of the model', hash: () => nameOf({}, { name: 'numbers' }) },
  { name: 'the runtime', hash: () => nameOf({ runtime: { onnx: { threads: 2 } } }) },
  { name: 'batching', hash: () => nameOf({ server: { batching: { maxRows: 1 } } }) },
  { name: 'a limit', hash: () => nameOf({ server: { limits: { inFlight: 1 } } }) },
  { name: 'how long a request may take', hash: () => nameOf({ server: { deadline: '1s' } }) },
  { name: 'what may wait', hash: () => nameOf({ server: { queue: { rows: 9 } } }) },
  { name: 'how the models change', hash: () => nameOf({ server: { control: { poll: '1s' } } }) },
  { name: 'how one model runs', hash: () => nameOf({}, { batching: { maxRows: 8 } }) },
  { name: 'the labels of a model', hash: () => nameOf({}, { labels: { stable: 'aaaaaaaa' } }) },
  { name: 'how it drains', hash: () => nameOf({ server: { drain: { delay: '5s' } } }) },
];

for (const { name, hash } of other) {
  test(`a revision is another for a change of ${name}`, () => assert.notEqual(hash(), nameOf()));
}

test('a revision is named after its service and 8 digits of its hash', () => {
  assert.match(nameOf(), /^digits-[0-9a-f]{8}$/);
});

test('the name of a revision is pinned: another one replaces every server of every user', () => {
  assert.equal(nameOf(), 'digits-84a0bf35');
});

test('a model has the name and version of the file, then of its folder, then of its bytes', () => {
  const service = read({ kind: 'ModelService', metadata: { name: 'digits' }, spec: { model: { uri: 'm' } } });
  const identity = (source: { name?: string; version?: string }, version?: string) => {
    const served = { model: { uri: 'm', ...source } };
    const [model] = revisionOf(service, served, found({ ...(version && { version }) })).models;
    return [model?.name, model?.version];
  };
  assert.deepEqual(identity({ name: 'numbers', version: '9' }, '2'), ['numbers', '9']);
  assert.deepEqual(identity({}, '2'), ['digits', '2']);
  assert.deepEqual(identity({}), ['digits', 'aaaaaaaa']);
});

test('a service without a candidate is one arm with every request', () => {
  const service = read({
    kind: 'ModelService',
    metadata: { name: 'd' },
    spec: { model: { uri: 'm' }, replicas: 3 },
  });
  const arms = armsOf(service, { stable: found() });
  assert.deepEqual(
    arms.map(({ role, replicas, weight }) => [role, replicas, weight]),
    [['stable', 3, 100]],
  );
});

/** Something for each URI of a service, none twice the same. */
function everythingFound({ spec }: ModelService): { stable: Found[]; candidate: Found[] } {
  const each = (count: number, arm: string): Found[] =>
    Array.from({ length: count }, (_, at) => ({
      root: `/${arm}/${at}`,
      artifacts: [{ ...artifact, path: `/${arm}/${at}/model.onnx` }],
    }));
  return {
    stable: each(urisOf(spec, 'spec', spec.runtime).length, 'stable'),
    candidate: each(
      spec.candidate === undefined ? 0 : urisOf(spec.candidate, 'spec', spec.runtime).length,
      'candidate',
    ),
  };
}

test('the arms of any service add up to all requests, stable first, and share runtime and server', () => {
  fc.assert(
    fc.property(serviceFile, file => {
      const service = read(file);
      const arms = armsOf(service, everythingFound(service));
      assert.equal(arms[0]?.role, 'stable');
      assert.equal(arms.length, service.spec.candidate === undefined ? 1 : 2);
      assert.equal(
        arms.reduce((sum, { weight }) => sum + weight, 0),
        100,
      );
      for (const { revision } of arms) {
        assert.deepEqual([revision.runtime, revision.server], [service.spec.runtime, service.spec.server]);
      }
    }),
  );
});

const two: Found = {
  root: '/models/digits',
  artifacts: ['1', '2'].map(version => ({
    path: `/models/digits/${version}/model.onnx`,
    digest: `sha256:${version.repeat(64)}`,
    version,
  })),
};

const half: Found = {
  root: '/half.onnx',
  artifacts: [{ path: '/half.onnx', digest: `sha256:${'c'.repeat(64)}` }],
};

const many = {
  models: [
    { name: 'digits', uri: './digits', versions: { all: {} }, labels: { stable: '1' }, share: 3 },
    { name: 'half', uri: './half.onnx', deadline: '1s' },
  ],
};

function manyOf(change: object = {}): ModelService {
  return read({ kind: 'ModelService', metadata: { name: 'm' }, spec: { ...many, ...change } });
}

test('several models are told one by one, each version at its file, with how it runs', () => {
  const service = manyOf();
  const { models, told } = revisionOf(service, service.spec, [two, half]);
  assert.deepEqual(
    models.map(({ name, version }) => `${name} ${version}`),
    ['digits 1', 'digits 2', 'half cccccccc'],
  );
  assert.deepEqual(told, {
    kind: 'entries',
    entries: [
      { name: 'digits', version: '1', uri: '/models/digits/1/model.onnx', share: 3, labels: { stable: '1' } },
      { name: 'digits', version: '2', uri: '/models/digits/2/model.onnx', share: 3 },
      { name: 'half', version: 'cccccccc', uri: '/half.onnx', deadline: '1s' },
    ],
  });
});

test('models that change while a server runs are told by their place, and their bytes decide nothing', () => {
  const service = manyOf({ server: { control: { poll: '30s' } } });
  const { name, told } = revisionOf(service, service.spec, [two, half]);
  assert.deepEqual(told, {
    kind: 'entries',
    entries: [
      { ...many.models[0], uri: '/models/digits' },
      { ...many.models[1], uri: '/half.onnx' },
    ],
  });
  const [, newest = artifact] = two.artifacts;
  const later = revisionOf(service, service.spec, [{ ...two, artifacts: [newest] }, half]);
  assert.equal(later.name, name);
  const elsewhere = revisionOf(service, service.spec, [{ ...two, root: '/others' }, half]);
  assert.notEqual(elsewhere.name, name);
});

test('the policy decides a revision whose servers look for models themselves', () => {
  const control = { server: { control: { poll: '30s' } } };
  assert.notEqual(nameOf({ ...control, policy: { sources: ['file'] } }), nameOf(control));
});

const PIN = `sha256:${'d'.repeat(64)}`;

test('a model that was pinned or fetched is told with the digest of what is loaded, and not that of its whole artifact', () => {
  const models = [
    { name: 'a', uri: 's3://b/a', digest: `sha256:${'e'.repeat(64)}`, exclude: ['*.bin'] },
    { name: 'b', uri: './b' },
  ];
  const service = read({ kind: 'ModelService', metadata: { name: 'm' }, spec: { models } });
  const { told } = revisionOf(service, service.spec, [
    { root: '/cache/a', artifacts: [{ ...artifact, path: '/cache/a/2/a.onnx', version: '2', pin: PIN }] },
    half,
  ]);
  assert.deepEqual(told.kind === 'entries' && told.entries, [
    { name: 'a', version: '2', uri: '/cache/a/2/a.onnx', digest: PIN },
    { name: 'b', version: 'cccccccc', uri: '/half.onnx' },
  ]);
});

test('a model with a configuration beside it is told with the digest of its folder', () => {
  const pinned = { uri: 's3://b/a', digest: PIN, include: ['*.onnx'] };
  const service = read({ kind: 'ModelService', metadata: { name: 'm' }, spec: { model: pinned } });
  const { told } = revisionOf(service, service.spec, [{ ...half, root: '/cache/a', isConfigured: true }]);
  assert.deepEqual(told.kind === 'entries' && told.entries, [{ name: 'm', uri: '/cache/a', digest: PIN }]);
});

test('what is fetched and changes while a server runs is told by its URI: the server fetches it itself', () => {
  const model = { uri: 's3://b/a', include: ['*.onnx'] };
  const control = { poll: '30s' };
  const whole = { kind: 'ModelService', metadata: { name: 'm' } };
  const one = read({ ...whole, spec: { model, server: { control } } });
  const { told } = revisionOf(one, one.spec, [half]);
  assert.deepEqual(told.kind === 'entries' && told.entries, [{ ...model, name: 'm' }]);
  const all = read({ ...whole, spec: { repository: { uri: 's3://b' }, server: { control } } });
  assert.deepEqual(revisionOf(all, all.spec, [half]).told, {
    kind: 'repository',
    repository: { uri: 's3://b' },
  });
});

test('a repository is told by its place, and its bytes decide the revision', () => {
  const service = read({
    kind: 'ModelService',
    metadata: { name: 'm' },
    spec: { repository: { uri: './all', versions: { latest: 2 } } },
  });
  const artifacts = two.artifacts.map(one => ({ ...one, name: 'digits' }));
  const of = (change: Partial<Found>) =>
    revisionOf(service, service.spec, [{ root: '/all', artifacts, ...change }]);
  const { name, told, models } = of({});
  assert.deepEqual(told, { kind: 'repository', repository: { uri: '/all', versions: { latest: 2 } } });
  assert.deepEqual(
    models.map(model => `${model.name} ${model.version}`),
    ['digits 1', 'digits 2'],
  );
  assert.equal(of({ root: '/elsewhere' }).name, name);
  assert.notEqual(of({ artifacts: artifacts.slice(1) }).name, name);
});
