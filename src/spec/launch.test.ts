import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { launch, milliseconds, type Place } from './launch.ts';
import { parse } from './parse.ts';
import { type Arm, armsOf } from './revision.ts';
import { jsonSchema, type ModelService } from './schema.ts';
import { serviceFile } from './spec.arbitrary.ts';

const place: Place = { program: ['fairlead'], host: '127.0.0.1', port: 0, grpcPort: 0 };

/** Paths that say what a file is and change nothing: they have one value. */
const CONSTANT = ['apiVersion', 'kind'];

const SMALLEST = { kind: 'ModelService', metadata: { name: 'digits' }, spec: { model: { uri: './m' } } };

function read(file: unknown): ModelService {
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** Everything that a service becomes on this machine. A model's bytes are stood for by its uri. */
function outcome(service: ModelService): object {
  const { model, candidate } = service.spec;
  const found = (uri: string) => ({ path: uri, digest: `sha256:${'0'.repeat(64)}` });
  const arms = armsOf(service, {
    stable: found(model.uri),
    ...(candidate && { candidate: found(candidate.model.uri) }),
  });
  return arms.map((arm: Arm) => ({
    ...arm,
    revision: arm.revision.name,
    launch: launch(arm.revision, place),
  }));
}

test('a launch says how to start a server, its environment, its probes and how long it may drain', () => {
  const service = read({
    ...SMALLEST,
    spec: { model: { uri: './m', version: 2 }, server: { drain: { delay: '1s' } } },
  });
  const [arm] = armsOf(service, { stable: { path: '/m/model.onnx', digest: 'sha256:00' } });
  assert.ok(arm);
  const container = { program: ['node', 'main.js'], host: '0.0.0.0', port: 8501, grpcPort: 8500 };
  assert.deepEqual(launch(arm.revision, container), {
    argv: [
      'node',
      'main.js',
      'serve',
      '--host=0.0.0.0',
      '--port=8501',
      '--grpc-port=8500',
      '--threads=1',
      '--max-rows=64',
      '--max-body=128Mi',
      '--max-in-flight=512',
      '--request-time=30s',
      '--drain-delay=1s',
      '--grace=30s',
    ],
    env: { MODEL_PATH: '/m/model.onnx', MODEL_NAME: 'digits', MODEL_VERSION: '2' },
    probes: { ready: '/health', live: '/health/live' },
    grpc: true,
    graceMs: 30_000,
  });
});

test('a server may be launched without gRPC', () => {
  const [arm] = armsOf(read(SMALLEST), { stable: { path: '/m/model.onnx', digest: 'sha256:00' } });
  assert.ok(arm);
  const { argv, grpc } = launch(arm.revision, { ...place, grpcPort: undefined });
  assert.ok(argv.includes('--grpc-port=off'));
  assert.equal(grpc, false);
});

/** Paths of the values in data, without maps on the way; absent members have none. */
function leaves(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [path.join('.')];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** Paths of the values that the schema accepts. */
function accepted(schema: { properties?: Record<string, object> }, path: readonly string[] = []): string[] {
  if (schema.properties === undefined) return [path.join('.')];
  return Object.entries(schema.properties).flatMap(([key, inner]) => accepted(inner, [...path, key]));
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** A copy of data with another value at a path. */
function changed(data: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const map = data as Record<string, unknown> | undefined;
  return { ...map, [key]: changed(map?.[key], rest, value) };
}

const fields = accepted(jsonSchema()).filter(field => !CONSTANT.includes(field));

test('the arbitrary writes every field that the schema accepts', () => {
  const written = new Set(fc.sample(serviceFile, { numRuns: 300, seed: 1 }).flatMap(file => leaves(file)));
  assert.deepEqual(
    accepted(jsonSchema()).filter(field => !written.has(field)),
    [],
  );
  assert.ok(fields.length >= 17);
});

for (const field of fields) {
  test(`${field} is not ignored: another value changes a launch or an arm`, () => {
    const pair = fc.tuple(serviceFile, serviceFile).map(([one, two]) => {
      // A file of the whole schema, so that every field has a place to differ in.
      const whole = field.startsWith('spec.candidate')
        ? { ...SMALLEST, spec: { ...SMALLEST.spec, candidate: { model: { uri: './n' }, weight: 5 } } }
        : SMALLEST;
      const [a, b] = [at(one, field), at(two, field)].map(value =>
        value === undefined ? whole : changed(whole, field.split('.'), value),
      );
      return [parse(JSON.stringify(a)), parse(JSON.stringify(b))] as const;
    });
    fc.assert(
      fc.property(pair, ([a, b]) => {
        // A lone field may contradict a default, such as a grace under the default delay.
        fc.pre(a.ok && b.ok);
        if (JSON.stringify(at(a.value, field)) === JSON.stringify(at(b.value, field))) return;
        assert.notDeepEqual(outcome(a.value), outcome(b.value));
      }),
    );
  });
}

test('a duration that the schema accepted is a number of milliseconds', () => {
  assert.equal(milliseconds('1.5s'), 1500);
  assert.throws(() => milliseconds('soon'), /the schema let through 'soon': it must be a duration/);
});
