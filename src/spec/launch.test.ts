import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { launch, type Place } from './launch.ts';
import { milliseconds } from './launch-terms.ts';
import { parse, parseModels } from './parse.ts';
import { type Arm, armsOf, type Found, urisOf } from './revision.ts';
import { jsonSchema, type ModelService, type Served } from './schema.ts';
import { modelListFile, serviceFile } from './spec.arbitrary.ts';

const place: Place = {
  program: ['fairlead'],
  host: '127.0.0.1',
  port: 0,
  grpcPort: 0,
  behindGateway: false,
};

/** Paths that say what a file is and change nothing: they have one value. */
const CONSTANT = ['apiVersion', 'kind'];

const SMALLEST = { kind: 'ModelService', metadata: { name: 'digits' }, spec: { model: { uri: './m' } } };

function read(file: unknown): ModelService {
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** Everything that a service becomes on this machine. A model's bytes are stood for by its uri and chosen versions. */
function outcome(service: ModelService): object {
  const { spec } = service;
  const arms = armsOf(service, {
    stable: found(spec, spec),
    ...(spec.candidate && { candidate: found(spec.candidate, spec) }),
  });
  const launches = arms.map((arm: Arm) => ({
    ...arm,
    revision: arm.revision.name,
    launch: launch(arm.revision, place),
  }));
  return { asked: asked(service), launches };
}

/** What the store is asked for, and held to. */
function asked({ spec }: ModelService): object {
  const uris = [spec, spec.candidate ?? {}].flatMap(served => urisOf(served, '', spec.runtime));
  return uris.map(({ digest, include, exclude }) => ({ digest, include, exclude }));
}

function found(served: Served, { runtime }: ModelService['spec']): Found[] {
  const sources = served.models ?? [served.repository ?? served.model];
  return urisOf(served, '', runtime).map(({ uri }, index) => {
    const path = JSON.stringify([uri, sources[index]?.versions]);
    return { root: uri, artifacts: [{ path, digest: `sha256:${'0'.repeat(64)}` }] };
  });
}

const single: Found[] = [{ root: '/m', artifacts: [{ path: '/m/model.onnx', digest: 'sha256:00' }] }];

test('a launch says how to start a server, its environment, its probes and how long it may drain', () => {
  const service = read({
    ...SMALLEST,
    spec: { model: { uri: './m', version: 2 }, server: { drain: { delay: '1s' } } },
  });
  const [arm] = armsOf(service, { stable: single });
  assert.ok(arm);
  const container = {
    program: ['node', 'main.js'],
    host: '0.0.0.0',
    port: 8501,
    grpcPort: 8500,
    behindGateway: false,
  };
  assert.deepEqual(launch(arm.revision, container), {
    argv: [
      'node',
      'main.js',
      'serve',
      '--host=0.0.0.0',
      '--port=8501',
      '--grpc-port=8500',
      '--threads=1',
      '--instances=auto',
      '--place=auto',
      '--provider=cpu',
      '--max-rows=64',
      '--max-delay=0ms',
      '--queue-rows=65536',
      '--queue-bytes=256Mi',
      '--priorities=1:1',
      '--max-body=128Mi',
      '--max-in-flight=4096',
      '--request-time=30s',
      '--grace=30s',
      '--drain-delay=1s',
      `--revision=${arm.revision.name}`,
    ],
    env: {
      FAIRLEAD_AUTH: '',
      FAIRLEAD_MODELS: '',
      FAIRLEAD_MODEL_POLICY: '',
      MODEL_PATH: '/m/model.onnx',
      MODEL_NAME: 'digits',
      MODEL_VERSION: '2',
    },
    files: [],
    listening: { kind: 'announced', grpc: true },
    probes: { ready: '/health', live: '/health/live' },
    metrics: { path: '/metrics' },
    graceMs: 30_000,
  });
});

test('a server may be launched without gRPC', () => {
  const [arm] = armsOf(read(SMALLEST), { stable: single });
  assert.ok(arm);
  const { argv, listening } = launch(arm.revision, { ...place, grpcPort: undefined });
  assert.ok(argv.includes('--grpc-port=off'));
  assert.deepEqual(listening, { kind: 'announced', grpc: false });
});

test('what is the door is told to a server that is its own door, and to no other', () => {
  const tls = { certificate: '/c', key: '/k', clientAuthority: '/a', healthPort: 8502 };
  const cors = { origins: ['https://a.example', 'https://b.example'], headers: ['x-one'], maxAge: '1m' };
  const service = read({
    ...SMALLEST,
    spec: {
      model: { uri: './m' },
      server: { tls, cors, drain: { delay: '1s' } },
      capacity: { spot: { notice: { file: '/n', budget: '10s' } } },
    },
  });
  const [arm] = armsOf(service, { stable: single });
  assert.ok(arm);
  const alone = launch(arm.revision, place).argv;
  const behind = launch(arm.revision, { ...place, behindGateway: true }).argv;
  assert.deepEqual(
    alone.filter(flag => !behind.includes(flag)),
    [
      '--drain-delay=1s',
      '--tls-certificate=/c',
      '--tls-key=/k',
      '--tls-client-authority=/a',
      '--health-port=8502',
      '--cors-origin=https://a.example',
      '--cors-origin=https://b.example',
      '--cors-header=x-one',
      '--cors-max-age=1m',
      '--notice-file=/n',
      '--notice-budget=10s',
    ],
  );
});

/** What the flags and variables of a launch are for a change of the smallest service. */
function launched(spec: object): { argv: readonly string[]; env: Readonly<Record<string, string>> } {
  const service = read({ ...SMALLEST, spec: { ...SMALLEST.spec, ...spec } });
  const [arm] = armsOf(service, { stable: found(service.spec, service.spec) });
  assert.ok(arm);
  return launch(arm.revision, place);
}

test('what is left out has no flag, and what has no value is a flag alone', () => {
  const { argv } = launched({ server: { control: { explicit: {} }, lazy: {}, deadline: '2s' } });
  for (const flag of ['--model-control', '--lazy', '--deadline=2s']) assert.ok(argv.includes(flag), flag);
  for (const flag of ['--poll', '--memory', '--versions']) assert.ok(!argv.join().includes(flag), flag);
  const other = launched({ server: { control: { poll: '5s' }, lazy: { memory: '300Mi' } } }).argv;
  for (const flag of ['--poll=5s', '--lazy', '--memory=300Mi']) assert.ok(other.includes(flag), flag);
});

test('who may ask for what is told to a server that is the door, and not to one behind a gateway', () => {
  const auth = { predict: { keys: { file: '/keys.yaml' } } };
  const service = read({ ...SMALLEST, spec: { ...SMALLEST.spec, server: { auth } } });
  const [arm] = armsOf(service, { stable: single });
  assert.ok(arm);
  const door = launch(arm.revision, place);
  assert.deepEqual(JSON.parse(door.env['FAIRLEAD_AUTH'] ?? ''), auth);
  assert.ok(!door.argv.includes('--only-gateway'));
  const behind = launch(arm.revision, { ...place, behindGateway: true });
  assert.equal(behind.env['FAIRLEAD_AUTH'], '');
  assert.ok(behind.argv.includes('--only-gateway'));
});

test('the policy is told to a server in a variable of its own', () => {
  const policy = { sources: ['file'], formats: ['onnx'] };
  assert.deepEqual(JSON.parse(launched({ policy }).env['FAIRLEAD_MODEL_POLICY'] ?? ''), policy);
});

test('a model with settings of its own goes in the list, and empties the variables of a plain one', () => {
  const { env } = launched({ model: { uri: '/m', version: '2', labels: { stable: 2 } } });
  const list = '[{"labels":{"stable":"2"},"name":"digits","uri":"[\\"/m\\",null]","version":"2"}]';
  const empty = {
    FAIRLEAD_AUTH: '',
    FAIRLEAD_MODEL_POLICY: '',
    MODEL_PATH: '',
    MODEL_NAME: '',
    MODEL_VERSION: '',
  };
  assert.deepEqual(env, { ...empty, FAIRLEAD_MODELS: list });
});

test('the list that a launch writes is read back as it was', () => {
  fc.assert(
    fc.property(modelListFile, models => {
      const service = read({ ...SMALLEST, spec: { models } });
      const [arm] = armsOf(service, { stable: found(service.spec, service.spec) });
      assert.ok(arm && arm.revision.told.kind === 'entries');
      const { FAIRLEAD_MODELS: text = '' } = launch(arm.revision, place).env;
      if (text === '') return;
      assert.deepEqual(parseModels(text), { ok: true, value: arm.revision.told.entries });
    }),
  );
});

test('a repository is an argument, with the versions that are chosen', () => {
  const service = read({
    ...SMALLEST,
    spec: { repository: { uri: '/all', versions: { specific: ['1', 3] } } },
  });
  const [arm] = armsOf(service, { stable: found(service.spec, service.spec) });
  assert.ok(arm);
  const { argv, env } = launch(arm.revision, place);
  assert.deepEqual([argv.at(-1), argv.includes('--versions=1,3')], ['/all', true]);
  assert.ok(Object.values(env).every(value => value === ''));
});

/** A step into a list; each of its members has the same fields. */
const FIRST = '0';

/** Paths of the values in data, without maps and lists on the way; absent members have none. */
function leaves(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [path.join('.')];
  const inner = Object.entries(value);
  const below = inner.flatMap(([key, one]) => leaves(one, [...path, Array.isArray(value) ? FIRST : key]));
  return [path.join('.'), ...below];
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/** Paths of the values that the schema accepts, of lists their members'. A map of no fixed keys is a value. */
function accepted({ properties, items }: Node, path: readonly string[] = []): string[] {
  if (items?.properties !== undefined) return accepted(items, [...path, FIRST]);
  if (properties === undefined || Object.keys(properties).length === 0) return [path.join('.')];
  return Object.entries(properties).flatMap(([key, inner]) => accepted(inner, [...path, key]));
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** A copy of data with another value at a path. */
function changed(data: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (key === FIRST) return [changed((data as unknown[] | undefined)?.[0], rest, value)];
  const map = data as Record<string, unknown> | undefined;
  return { ...map, [key]: changed(map?.[key], rest, value) };
}

const fields = accepted(jsonSchema()).filter(field => !CONSTANT.includes(field));

/** Files with all that may be said, the same in each run: some fields are rare. */
const files = fc.sample(serviceFile, { numRuns: 3000, seed: 1 });

test('the arbitrary writes every field that the schema accepts', () => {
  const written = new Set(files.flatMap(file => leaves(file)));
  assert.deepEqual(
    accepted(jsonSchema()).filter(field => !written.has(field)),
    [],
  );
  assert.ok(fields.length >= 100, String(fields.length));
});

/** The kinds of what is served, each as small as it can be. */
const KINDS: readonly (readonly [RegExp, object])[] = [
  [/\bmodel\b/, { model: { uri: './m' } }],
  [/\bmodels\b/, { models: [{ name: 'm', uri: './m' }] }],
  [/\brepository\b/, { repository: { uri: './m' } }],
];

/** Of these fields something is fetched. */
const OF_FETCHED = /\.(?:include|exclude)$/;

/** A file in which a field has a place to differ in. */
function fileFor(field: string): object {
  const ofCandidate = field.startsWith('spec.candidate');
  const usual = KINDS.find(([kind]) => kind.test(field))?.[1] ?? { model: { uri: './m' } };
  const text = JSON.stringify(usual);
  const served: object = OF_FETCHED.test(field) ? JSON.parse(text.replace('./m', 's3://b/m')) : usual;
  if (!ofCandidate) return { ...SMALLEST, spec: served };
  return { ...SMALLEST, spec: { model: { uri: './n' }, candidate: { ...served, weight: 5 } } };
}

/** What stands only as a whole. */
const WHOLE: readonly (readonly [string, object])[] = [
  ['spec.server.tls', { certificate: '/c', key: '/k' }],
  ['spec.server.cors', { origins: ['https://a.example'] }],
  ['spec.policy.signature.keyless', { issuer: 'i', identity: 'a', trustRoot: '/r' }],
  ['spec.runtime.custom', { command: ['serve'], protocol: 'v2' }],
];

const ENDPOINT = 'spec.server.tracing.endpoint';

/** A usual priority is one of the levels, so there must be more than one; a tensor has a name, a datatype and a shape, an issuer its three; what is traced or recorded goes somewhere. */
function roomFor(field: string, file: object): object {
  for (const [part, whole] of WHOLE)
    if (field.startsWith(`${part}.`)) return changed(file, part.split('.'), whole) as object;
  if (field.endsWith('.usual'))
    return changed(file, field.replace(/usual$/, 'levels').split('.'), 100) as object;
  const [issuer] = /^.*\.jwt(?=\.)/.exec(field) ?? [];
  if (issuer !== undefined)
    return changed(file, issuer.split('.'), { issuer: 'i', audience: 'a', jwks: 'k' }) as object;
  if (field.includes('.tracing.')) return changed(file, ENDPOINT.split('.'), 'http://a') as object;
  const log = field.endsWith('.form') ? 'http' : 'file';
  if (/payloadLog\.(?!file$|http$)/.test(field))
    return changed(file, ['spec', 'server', 'payloadLog', log], 'http://a') as object;
  const [tensor] = /^.*puts\.0(?=\.)/.exec(field) ?? [];
  if (tensor === undefined) return file;
  return changed(file, tensor.split('.'), { name: 'x', datatype: 'FP32', shape: [-1] }) as object;
}

/** One value of each member of a union. */
const UNIONS: readonly (readonly [RegExp, readonly unknown[]])[] = [
  [/\.versions\.latest$/, [1, 2]],
  [/\.versions\.all$/, [undefined, {}]],
  [/\.versions\.specific$/, [['1'], ['2']]],
];

/** Every value that the files have at a path, and none. */
function valuesAt(field: string): unknown[] {
  const texts = new Set(files.map(file => JSON.stringify(at(file, field)) ?? ''));
  return [...texts, ''].map(text => (text === '' ? undefined : JSON.parse(text)));
}

for (const field of fields) {
  test(`${field} is not ignored: another value changes a launch or an arm`, () => {
    const whole = roomFor(field, fileFor(field));
    const having = (value: unknown): object =>
      value === undefined ? whole : (changed(whole, field.split('.'), value) as object);
    const some = UNIONS.find(([where]) => where.test(field))?.[1] ?? valuesAt(field);
    // A lone field may contradict a default, such as a delay beyond the default grace.
    const services = some.map(had => parse(JSON.stringify(having(had)))).filter(result => result.ok);
    let compared = 0;
    const service = fc.constantFrom(...services.map(({ value }) => value));
    fc.assert(
      fc.property(service, service, (one, other) => {
        if (JSON.stringify(one) === JSON.stringify(other)) return;
        compared++;
        assert.notDeepEqual(outcome(one), outcome(other));
      }),
    );
    assert.ok(compared > 0, 'no two values were compared');
  });
}

test('a duration that the schema accepted is a number of milliseconds', () => {
  assert.equal(milliseconds('1.5s'), 1500);
  assert.throws(() => milliseconds('soon'), /the schema let through 'soon': it must be a duration/);
});
