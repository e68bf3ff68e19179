import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import type { KubeObject } from '../object.ts';
import type { Release } from '../release.ts';
import { cookiePattern } from './cookies.ts';
import { gatewayRoutes } from './gateway-api.ts';

const gateway = { name: 'door', namespace: 'ingress', section: 'https' };
const other = { model: { uri: './models/other' } };

function routes(candidate: object | undefined, more: object = {}, traffic: object = {}) {
  const release = releaseOf(
    {
      traffic: { gatewayApi: { gateway, ...more }, ...traffic },
      ...(candidate && { candidate: { ...other, ...candidate } }),
    },
    { namespace: 'ml' },
  );
  return { release, routes: gatewayRoutes(release) };
}

function backends({ arms }: Release, port = 80) {
  return arms.map(({ deployed, weight }) => ({
    group: '',
    kind: 'Service',
    name: deployed.revision.name,
    port,
    weight,
  }));
}

function rulesOf(route: KubeObject | undefined) {
  return (route?.['spec'] as { rules: Readonly<Record<string, unknown>>[] } | undefined)?.rules ?? [];
}

test('an HTTPRoute has what defaults would fill in, a weight of 0 among it', () => {
  const { release, routes: found } = routes({ weight: 0 }, { hosts: ['digits.example'] });
  const labels = found[0]?.metadata.labels;
  assert.deepEqual(found, [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'digits', namespace: 'ml', labels },
      spec: {
        parentRefs: [
          {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            namespace: 'ingress',
            name: 'door',
            sectionName: 'https',
          },
        ],
        hostnames: ['digits.example'],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            backendRefs: backends(release),
            timeouts: { request: '31s' },
          },
        ],
      },
    },
  ]);
  assert.deepEqual(
    backends(release).map(({ weight }) => weight),
    [100, 0],
  );
});

test('A/B rules repeat the path of the rule with weights, so that a header more makes them win', () => {
  const match = [{ header: { name: 'X-Trial', value: 'yes' } }, { cookie: { name: 'ab', value: 'b' } }];
  const { release, routes: found } = routes({ weight: 10, match });
  const path = { type: 'PathPrefix', value: '/' };
  const [first, second] = rulesOf(found[0]);
  assert.deepEqual(first?.['matches'], [
    { path, headers: [{ type: 'Exact', name: 'X-Trial', value: 'yes' }] },
    { path, headers: [{ type: 'RegularExpression', name: 'Cookie', value: cookiePattern('ab', 'b') }] },
  ]);
  assert.deepEqual(first['backendRefs'], [{ ...backends(release)[1], weight: 100 }]);
  assert.deepEqual(second?.['backendRefs'], backends(release));
});

test('copies go to the candidate, by percent only where it is not all', () => {
  for (const mirror of [30, 100]) {
    const { release, routes: found } = routes({ weight: 0, mirror });
    const { weight: _none, ...backendRef } = backends(release)[1] ?? { weight: 0 };
    assert.deepEqual(rulesOf(found[0])[0]?.['filters'], [
      { type: 'RequestMirror', requestMirror: { backendRef, ...(mirror < 100 && { percent: mirror }) } },
    ]);
  }
});

test('gRPC of the same names is in the same route, by paths, and no time ends its streams', () => {
  const { release, routes: found } = routes({ weight: 10 }, { grpc: true });
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['HTTPRoute'],
  );
  const [calls, requests] = rulesOf(found[0]);
  assert.deepEqual(calls?.['backendRefs'], backends(release, 8500));
  assert.equal(calls['timeouts'], undefined);
  const values = (calls['matches'] as { path: { value: string } }[]).map(({ path }) => path.value);
  assert.deepEqual(values, [
    '/inference.GRPCInferenceService',
    '/tensorflow.serving.PredictionService',
    '/tensorflow.serving.ModelService',
    '/grpc.health.v1.Health',
    '/grpc.reflection.v1.ServerReflection',
    '/grpc.reflection.v1alpha.ServerReflection',
  ]);
  assert.deepEqual(requests?.['backendRefs'], backends(release));
});

test('gRPC with names of its own has a GRPCRoute, under another name than the HTTPRoute', () => {
  const { release, routes: found } = routes({ weight: 10 }, { grpc: { hosts: ['grpc.example'] } });
  assert.deepEqual(
    found.map(({ kind, metadata }) => [kind, metadata.name]),
    [
      ['HTTPRoute', 'digits'],
      ['GRPCRoute', 'digits-grpc'],
    ],
  );
  const spec = found[1]?.['spec'] as { hostnames: string[]; parentRefs: { sectionName: string }[] };
  assert.deepEqual(spec.hostnames, ['grpc.example']);
  const [rule] = rulesOf(found[1]);
  assert.deepEqual(rule?.['backendRefs'], backends(release, 8500));
  assert.deepEqual((rule['matches'] as object[])[0], {
    method: { type: 'Exact', service: 'inference.GRPCInferenceService' },
  });
});

test('gRPC with a listener of its own keeps the names', () => {
  const { routes: found } = routes(undefined, { hosts: ['digits.example'], grpc: { section: 'grpc' } });
  const spec = found[1]?.['spec'] as { hostnames: string[]; parentRefs: { sectionName: string }[] };
  assert.deepEqual(spec.hostnames, ['digits.example']);
  assert.equal(spec.parentRefs[0]?.sectionName, 'grpc');
});

test('all that one file can ask for stays within the limits of a route', () => {
  const match = Array.from({ length: 8 }, (_, at) => ({ header: { name: `x-${at}`, value: 'yes' } }));
  const { routes: found } = routes({ weight: 0, mirror: 5, match }, { grpc: true });
  const rules = rulesOf(found[0]);
  const matches = rules.map(rule => (rule['matches'] as object[]).length);
  assert.ok(rules.length <= 16 && Math.max(...matches) <= 64, String(matches));
  assert.ok(matches.reduce((sum, many) => sum + many, 0) <= 128, String(matches));
});
