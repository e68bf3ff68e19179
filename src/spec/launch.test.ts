import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { acceptedFields, decidingFields, leaves, SMALLEST, variantsOf } from './fixtures/schema-fields.ts';
import { launch, type Place } from './launch.ts';
import { milliseconds } from './launch-terms.ts';
import { clusterFields, localRefusals } from './local-fields.ts';
import { parse, parseModels } from './parse.ts';
import { type Arm, armsOf, type Found, urisOf } from './revision.ts';
import type { ModelService, Served } from './schema.ts';
import { modelListFile, serviceFile } from './spec.arbitrary.ts';

const place: Place = {
  program: ['fairlead'],
  host: '127.0.0.1',
  port: 0,
  grpcPort: 0,
  behindGateway: false,
};

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

/** Files with all that may be said, the same in each run: some fields are rare. */
const files = fc.sample(serviceFile, { numRuns: 1200, seed: 1 });

test('the arbitrary writes every field that the schema accepts', () => {
  const written = new Set(files.flatMap(file => leaves(file)));
  assert.deepEqual(
    acceptedFields.filter(field => !written.has(field)),
    [],
  );
  assert.ok(decidingFields.length >= 200, String(decidingFields.length));
});

/** Whether a person is told that a field changes nothing on this machine, or cannot be kept there. */
function isTold(field: string, service: ModelService): boolean {
  const told = [...clusterFields(service), ...localRefusals(service)];
  return told.some(({ path }) => `${field}.`.startsWith(`${path}.`));
}

for (const field of decidingFields) {
  test(`${field} is not ignored: another value changes a launch or an arm, or is told to have no place here`, () => {
    // A lone field may contradict a default, such as a delay beyond the default grace.
    const services = variantsOf(field, files, 20)
      .map(file => parse(JSON.stringify(file)))
      .filter(result => result.ok);
    let compared = 0;
    const service = fc.constantFrom(...services.map(({ value }) => value));
    fc.assert(
      fc.property(service, service, (one, other) => {
        if (JSON.stringify(one) === JSON.stringify(other)) return;
        compared++;
        if (!isTold(field, one) && !isTold(field, other)) assert.notDeepEqual(outcome(one), outcome(other));
      }),
    );
    assert.ok(compared > 0, 'no two values were compared');
  });
}

test('a duration that the schema accepted is a number of milliseconds', () => {
  assert.equal(milliseconds('1.5s'), 1500);
  assert.throws(() => milliseconds('soon'), /the schema let through 'soon': it must be a duration/);
});
