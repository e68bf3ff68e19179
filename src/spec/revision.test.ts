import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parse } from './parse.ts';
import { type Artifact, armsOf, revisionOf } from './revision.ts';
import type { ModelService } from './schema.ts';
import { serviceFile } from './spec.arbitrary.ts';

const artifact: Artifact = { path: '/models/digits/2/model.onnx', digest: `sha256:${'a'.repeat(64)}` };

/** The stable revision's name for a change of the service, its model or its artifact. */
function nameOf(change: object = {}, model: object = {}, found: Partial<Artifact> = {}): string {
  const file = { kind: 'ModelService', metadata: { name: 'digits' } };
  const spec = { model: { uri: './digits', ...model }, ...change };
  const service = read({ ...file, spec });
  return revisionOf(service, service.spec.model, { ...artifact, ...found }).name;
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
  { name: 'how it drains', hash: () => nameOf({ server: { drain: { delay: '5s' } } }) },
];

for (const { name, hash } of other) {
  test(`a revision is another for a change of ${name}`, () => assert.notEqual(hash(), nameOf()));
}

test('a revision is named after its service and 8 digits of its hash', () => {
  assert.match(nameOf(), /^digits-[0-9a-f]{8}$/);
});

test('the name of a revision is pinned: another one replaces every server of every user', () => {
  assert.equal(nameOf(), 'digits-103db6d0');
});

test('a model has the name and version of the file, then of its folder, then of its bytes', () => {
  const service = read({ kind: 'ModelService', metadata: { name: 'digits' }, spec: { model: { uri: 'm' } } });
  const identity = (source: { name?: string; version?: string }, version?: string) => {
    const { model } = revisionOf(
      service,
      { uri: 'm', ...source },
      { ...artifact, ...(version && { version }) },
    );
    return [model.name, model.version];
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
  const arms = armsOf(service, { stable: artifact });
  assert.deepEqual(
    arms.map(({ role, replicas, weight }) => [role, replicas, weight]),
    [['stable', 3, 100]],
  );
});

test('the arms of any service add up to all requests, stable first, and share runtime and server', () => {
  fc.assert(
    fc.property(serviceFile, file => {
      const service = read(file);
      const arms = armsOf(service, { stable: artifact, candidate: { ...artifact, path: '/other' } });
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
