import assert from 'node:assert/strict';
import test from 'node:test';
import { clusterNotes, localRefusals } from './local-fields.ts';
import { parse } from './parse.ts';
import { armsOf } from './revision.ts';
import type { ModelService } from './schema.ts';

function read(spec: object): ModelService {
  const file = { kind: 'ModelService', metadata: { name: 'd' }, spec: { model: { uri: './m' }, ...spec } };
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const candidate = { model: { uri: './n' }, weight: 10 };

const notes: readonly { spec: object; paths: readonly string[] }[] = [
  { spec: {}, paths: [] },
  { spec: { replicas: 3, candidate, capacity: { spot: { notice: {} } } }, paths: [] },
  { spec: { image: 'a:1' }, paths: ['spec.image'] },
  { spec: { candidate: { ...candidate, image: 'a:2' } }, paths: ['spec.candidate.image'] },
  { spec: { resources: {} }, paths: [] },
  { spec: { resources: { cpu: '250m', memory: '1Gi' } }, paths: [] },
  { spec: { resources: { gpu: { count: 1 } } }, paths: ['spec.resources'] },
  { spec: { scaling: { max: 3, inFlight: 8 } }, paths: ['spec.scaling'] },
  { spec: { traffic: { istio: {} } }, paths: ['spec.traffic'] },
  { spec: { kubernetes: {} }, paths: [] },
  { spec: { kubernetes: { namespace: 'a' } }, paths: ['spec.kubernetes'] },
  {
    spec: { capacity: { spot: { cloud: 'gke', floor: 2 } } },
    paths: ['spec.capacity.spot.cloud', 'spec.capacity.spot.floor'],
  },
];

for (const { spec, paths } of notes) {
  test(`of ${JSON.stringify(spec)} it is told what changes nothing here: ${paths.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      clusterNotes(read(spec)).map(note => note.split(' ')[0]),
      paths,
    );
  });
}

test('a note says how many servers run in place of what is scaled, as many as really do', () => {
  const prometheus = { server: 'http://p:9090', query: 'up', average: 1 };
  const found = { root: '/m', artifacts: [{ path: '/m/model.onnx', digest: 'sha256:00' }] };
  for (const [scaling, servers] of [
    [{ min: 2, max: 5, cpu: 70 }, 2],
    [{ min: 0, max: 5, prometheus }, 1],
  ] as const) {
    const service = read({ scaling });
    const [note] = clusterNotes(service);
    assert.equal(armsOf(service, { stable: [found] })[0]?.replicas, servers);
    assert.ok(note?.includes(`as its min says, ${servers}:`), note);
  }
});

test('what would send requests elsewhere than on a cluster is refused, each by its path', () => {
  const spec = {
    candidate: { ...candidate, match: [{ header: { name: 'x-beta', value: '1' } }], mirror: 50 },
    traffic: { builtin: {}, sticky: {} },
  };
  assert.deepEqual(
    localRefusals(read(spec)).map(({ path }) => path),
    ['spec.candidate.match', 'spec.candidate.mirror', 'spec.traffic.sticky'],
  );
  assert.deepEqual(localRefusals(read({ candidate, traffic: { builtin: {} } })), []);
});

test('a fixed port is for one server of a machine, and for any number of pods', () => {
  const runtime = { custom: { command: ['x'], protocol: 'v2', ports: { http: 8000, metrics: 'auto' } } };
  const refused = (spec: object): string[] =>
    localRefusals(read({ runtime, ...spec })).map(({ path }) => path);
  assert.deepEqual(refused({}), []);
  assert.deepEqual(refused({ scaling: { max: 3, inFlight: 8 } }), []);
  for (const several of [{ replicas: 2 }, { candidate }])
    assert.deepEqual(refused(several), ['spec.runtime.custom.ports.http']);
});
