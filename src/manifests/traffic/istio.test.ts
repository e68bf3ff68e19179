import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import type { KubeObject } from '../object.ts';
import { cookiePattern } from './cookies.ts';
import { istioRoutes } from './istio.ts';

const other = { model: { uri: './models/other' } };

interface HttpRoute {
  readonly name: string;
  readonly match?: readonly object[];
  readonly route: readonly { destination: object; weight: number; headers?: object }[];
  readonly mirrors?: readonly object[];
  readonly timeout?: string;
  readonly retries: object;
}

function routes(candidate: object | undefined, istio: object = {}, traffic: object = {}) {
  const release = releaseOf({
    traffic: { istio, ...traffic },
    ...(candidate && { candidate: { ...other, ...candidate } }),
  });
  const objects = istioRoutes(release);
  const spec = objects.at(-1)?.['spec'] as { hosts: string[]; gateways: string[]; http: HttpRoute[] };
  const [stable = '', trial = ''] = release.arms.map(({ deployed }) => deployed.revision.name);
  return { objects, spec, http: spec.http, stable, trial };
}

const to = (host: string, number = 80) => ({ host, port: { number } });

test("a VirtualService is for the service's own name in the mesh, with a Service for each revision", () => {
  const { objects, spec, stable, trial } = routes({ weight: 0 });
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    ['VirtualService'],
  );
  assert.deepEqual(spec, {
    hosts: ['digits'],
    gateways: ['mesh'],
    http: [
      {
        name: 'http-weights',
        route: [
          { destination: to(stable), weight: 100 },
          { destination: to(trial), weight: 0 },
        ],
        timeout: '31s',
        retries: { attempts: 0 },
      },
    ],
  });
});

test('hosts and gateways are those of the file', () => {
  const { spec } = routes(undefined, { hosts: ['digits.example'], gateways: ['ingress/door', 'mesh'] });
  assert.deepEqual([spec.hosts, spec.gateways], [['digits.example'], ['ingress/door', 'mesh']]);
});

test('only what met no server is sent again, and only where that is asked for', () => {
  const { http } = routes({ weight: 10 }, {}, { retries: 2 });
  assert.deepEqual(http[0]?.retries, { attempts: 2, retryOn: 'connect-failure,refused-stream' });
});

test('A/B is by a header in lower case, or by a pattern for the whole header of cookies', () => {
  const match = [{ header: { name: 'X-Trial', value: 'yes' } }, { cookie: { name: 'ab', value: 'b' } }];
  const { http, trial } = routes({ weight: 10, match });
  assert.deepEqual(http[0]?.match, [
    { headers: { 'x-trial': { exact: 'yes' } } },
    { headers: { cookie: { regex: cookiePattern('ab', 'b') } } },
  ]);
  assert.deepEqual(http[0].route, [{ destination: to(trial), weight: 100 }]);
});

test('a user is assigned by the weights, and kept by the cookie of either revision', () => {
  const { http, stable, trial } = routes({ weight: 10 }, {}, { sticky: { cookie: 'who', maxAge: '1h' } });
  assert.deepEqual(
    http.map(({ name }) => name),
    ['http-kept-stable', 'http-kept-candidate', 'http-weights'],
  );
  for (const [at, revision] of [stable, trial].entries()) {
    assert.deepEqual(http[at]?.match, [{ headers: { cookie: { regex: cookiePattern('who', revision) } } }]);
    assert.deepEqual(http[at].route, [{ destination: to(revision), weight: 100 }]);
    const cookie = `who=${revision}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax`;
    assert.deepEqual(http[2]?.route[at]?.headers, { response: { add: { 'set-cookie': cookie } } });
  }
});

test('copies are of what goes to the stable revision', () => {
  const match = [{ header: { name: 'x-trial', value: 'yes' } }];
  const { http, trial } = routes({ weight: 0, mirror: 30, match });
  assert.deepEqual(
    http.map(({ mirrors }) => mirrors),
    [undefined, [{ destination: to(trial), percentage: { value: 30 } }]],
  );
});

test('calls of gRPC go by their paths to the port of gRPC, and no time ends their streams', () => {
  const match = [{ header: { name: 'x-trial', value: 'yes' } }];
  const { http, stable, trial } = routes({ weight: 10, match }, { grpc: true });
  assert.deepEqual(
    http.map(({ name }) => name),
    ['grpc-match', 'grpc-weights', 'http-match', 'http-weights'],
  );
  const [chosen, calls] = http;
  assert.deepEqual(chosen?.match?.[0], {
    uri: { prefix: '/inference.GRPCInferenceService/' },
    headers: { 'x-trial': { exact: 'yes' } },
  });
  assert.deepEqual(calls?.match?.[0], { uri: { prefix: '/inference.GRPCInferenceService/' } });
  assert.deepEqual(
    calls.route.map(({ destination }) => destination),
    [to(stable, 8500), to(trial, 8500)],
  );
  assert.equal(calls.timeout, undefined);
});

test('subsets are there before the route that names them, each in a rule that goes with its revision', () => {
  const { objects, http, stable, trial } = routes({ weight: 10 }, { subsets: true });
  assert.deepEqual(
    objects.map(({ kind, metadata }) => [kind, metadata.name]),
    [
      ['Service', 'digits-subsets'],
      ['DestinationRule', stable],
      ['DestinationRule', trial],
      ['VirtualService', 'digits'],
    ],
  );
  const [service, ...rules] = objects as [KubeObject, ...KubeObject[]];
  const { selector, ports } = service['spec'] as { selector: object; ports: { port: number }[] };
  assert.deepEqual(selector, { app: 'digits', component: 'server' });
  assert.deepEqual(
    ports.map(({ port }) => port),
    [80, 8500],
  );
  for (const [at, revision] of [stable, trial].entries()) {
    const subsets = [{ name: revision, labels: { version: revision } }];
    assert.deepEqual(rules[at]?.['spec'], { host: 'digits-subsets', subsets });
    assert.deepEqual(http[0]?.route[at]?.destination, { ...to('digits-subsets'), subset: revision });
  }
});
