import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servicesOf } from '../around/services.ts';
import { releaseOf } from '../fixtures/release.ts';
import { keyOf } from '../object.ts';
import { isRoute, routesOf } from './routes.ts';

const candidate = { model: { uri: './models/other' }, weight: 10 };
const gatewayApi = { gateway: { name: 'door' } };

const cases: readonly (readonly [what: string, spec: object, kinds: string[]])[] = [
  ['one revision', {}, []],
  ['a candidate and no more', { candidate }, ['ConfigMap', 'Deployment', 'PodDisruptionBudget']],
  ['its own gateway', { traffic: { builtin: {} } }, ['ConfigMap', 'Deployment', 'PodDisruptionBudget']],
  ['pods', { candidate, traffic: { replicas: {} } }, []],
  ['Gateway API, for a candidate that is to come', { traffic: { gatewayApi } }, ['HTTPRoute']],
  ['Istio, for a candidate that is to come', { traffic: { istio: {} } }, ['VirtualService']],
];

for (const [what, spec, kinds] of cases)
  test(`routes of ${what}`, () => {
    assert.deepEqual(
      routesOf(releaseOf(spec)).map(({ kind }) => kind),
      kinds,
    );
  });

test('what points traffic waits for pods, and what it points to does not', () => {
  const specs = [
    { candidate },
    { candidate, traffic: { gatewayApi: { ...gatewayApi, hosts: ['a.b'], grpc: { hosts: ['c.d'] } } } },
    { candidate, traffic: { istio: { subsets: true } } },
  ];
  for (const spec of specs) {
    const release = releaseOf(spec);
    const objects = [...servicesOf(release), ...routesOf(release)];
    const waiting = objects
      .filter(object => isRoute(object, release))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const revisions = release.arms.map(({ deployed }) => deployed.revision.name);
    const expected = [
      'Service digits',
      'ConfigMap digits-gateway',
      'Deployment digits-gateway',
      'HTTPRoute digits',
      'GRPCRoute digits-grpc',
      'VirtualService digits',
      ...revisions.map(name => `DestinationRule ${name}`),
    ];
    assert.deepEqual(
      waiting.filter(one => !expected.includes(one)),
      [],
    );
    assert.ok(waiting.includes('Service digits') && waiting.length > 1);
    assert.equal(new Set(objects.map(keyOf)).size, objects.length);
  }
});

test('every option of a router that takes it changes its objects', () => {
  const usual = { candidate, traffic: { istio: {} } };
  const gateways = { candidate, traffic: { gatewayApi } };
  const match = [{ cookie: { name: 'ab', value: 'b' } }];
  const pairs: readonly (readonly [object, object])[] = [
    [usual, { candidate, traffic: { istio: { hosts: ['a.b'] } } }],
    [usual, { candidate, traffic: { istio: { gateways: ['mesh', 'door'] } } }],
    [usual, { candidate, traffic: { istio: { subsets: true } } }],
    [usual, { candidate, traffic: { istio: { grpc: true } } }],
    [usual, { candidate, traffic: { istio: {}, timeout: '7s' } }],
    [usual, { candidate, traffic: { istio: {}, retries: 1 } }],
    [usual, { candidate, traffic: { istio: {}, sticky: {} } }],
    [
      { candidate, traffic: { istio: {}, sticky: {} } },
      { candidate, traffic: { istio: {}, sticky: { cookie: 'x' } } },
    ],
    [
      { candidate, traffic: { istio: {}, sticky: {} } },
      { candidate, traffic: { istio: {}, sticky: { maxAge: '1h' } } },
    ],
    [usual, { ...usual, candidate: { ...candidate, match } }],
    [usual, { ...usual, candidate: { ...candidate, weight: 0, mirror: 5 } }],
    [gateways, { candidate, traffic: { gatewayApi: { gateway: { name: 'other' } } } }],
    [gateways, { candidate, traffic: { gatewayApi: { gateway: { name: 'door', namespace: 'n' } } } }],
    [gateways, { candidate, traffic: { gatewayApi: { gateway: { name: 'door', section: 's' } } } }],
    [gateways, { candidate, traffic: { gatewayApi: { ...gatewayApi, hosts: ['a.b'] } } }],
    [gateways, { candidate, traffic: { gatewayApi: { ...gatewayApi, grpc: true } } }],
    [gateways, { candidate, traffic: { gatewayApi, timeout: '7s' } }],
    [{ candidate }, { candidate, traffic: { builtin: { replicas: 3 } } }],
    [{ candidate }, { candidate, traffic: { builtin: {}, timeout: '7s' } }],
  ];
  for (const [one, other] of pairs)
    assert.notDeepEqual(routesOf(releaseOf(other)), routesOf(releaseOf(one)), JSON.stringify(other));
});
