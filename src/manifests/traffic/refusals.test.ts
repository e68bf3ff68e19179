import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { trafficRefusals } from './refusals.ts';

const trial = { model: { uri: './models/other' } };
const candidate = { ...trial, weight: 10 };
const match = [{ header: { name: 'x-trial', value: 'yes' } }];
const gateway = { name: 'door' };
const gatewayApi = { gateway };
const tls = { certificate: '/t/tls.crt', key: '/t/tls.key' };
const http = {
  custom: { command: ['serve'], protocol: 'http', health: { ready: '/' }, ports: { grpc: 'auto' } },
};
const plain = { custom: { command: ['serve'], protocol: 'v2' } };

const cases: readonly (readonly [what: string, spec: object, path: string, problem: RegExp])[] = [
  ['A/B by its own gateway', { candidate: { ...candidate, match } }, 'spec.candidate.match', /not done/],
  [
    'copies by its own gateway',
    { candidate: { ...candidate, mirror: 5 } },
    'spec.candidate.mirror',
    /not done/,
  ],
  [
    'users by its own gateway',
    { candidate, traffic: { builtin: {}, sticky: {} } },
    'spec.traffic.sticky',
    /not done/,
  ],
  [
    'retries of its own gateway',
    { candidate, traffic: { builtin: {}, retries: 1 } },
    'spec.traffic.retries',
    /always/,
  ],
  ['TLS behind its own gateway', { candidate, server: { tls } }, 'spec.server.tls', /end TLS/],
  ['TLS behind a Gateway', { traffic: { gatewayApi }, server: { tls } }, 'spec.server.tls', /end TLS/],
  ['TLS in a mesh', { traffic: { istio: {} }, server: { tls } }, 'spec.server.tls', /end TLS/],
  [
    'users by Gateway API',
    { candidate, traffic: { gatewayApi, sticky: {} } },
    'spec.traffic.sticky',
    /experimental/,
  ],
  [
    'retries by Gateway API',
    { candidate, traffic: { gatewayApi, retries: 1 } },
    'spec.traffic.retries',
    /experimental/,
  ],
  [
    'A/B by pods',
    { replicas: 9, candidate: { ...candidate, match }, traffic: { replicas: {} } },
    'spec.candidate.match',
    /router/,
  ],
  [
    'copies by pods',
    { replicas: 9, candidate: { ...candidate, mirror: 5 }, traffic: { replicas: {} } },
    'spec.candidate.mirror',
    /router/,
  ],
  ['users by pods', { traffic: { replicas: {}, sticky: {} } }, 'spec.traffic.sticky', /router/],
  ['retries by pods', { traffic: { replicas: {}, retries: 2 } }, 'spec.traffic.retries', /router/],
  ['time by pods', { traffic: { replicas: {}, timeout: '1s' } }, 'spec.traffic.timeout', /router/],
  [
    'a weight that pods do not give',
    { candidate, traffic: { replicas: {} } },
    'spec.candidate.weight',
    /gets 50 % of the requests, having 1 of 2 pods/,
  ],
  [
    'a weight of 0 that pods do not give',
    { replicas: 3, candidate: { ...trial, weight: 0 }, traffic: { replicas: {} } },
    'spec.candidate.weight',
    /gets 25 %/,
  ],
  [
    'pods that change',
    { scaling: { max: 9, cpu: 70 }, candidate, traffic: { replicas: {} } },
    'spec.traffic.replicas',
    /scaling/,
  ],
  [
    'a weight for nobody',
    { candidate: { ...candidate, replicas: 0 } },
    'spec.candidate.replicas',
    /weight is 10/,
  ],
  ['a stable revision of nobody', { replicas: 0, candidate }, 'spec.replicas', /weight is 90/],
  [
    'copies for nobody',
    { candidate: { ...trial, weight: 0, mirror: 5, replicas: 0 }, traffic: { istio: {} } },
    'spec.candidate.replicas',
    /copies/,
  ],
  [
    'A/B for nobody',
    { candidate: { ...trial, weight: 0, match, replicas: 0 }, traffic: { istio: {} } },
    'spec.candidate.replicas',
    /match/,
  ],
  [
    "copies of the candidate's own",
    { candidate: { ...candidate, mirror: 5 }, traffic: { istio: {} } },
    'spec.candidate.mirror',
    /set weight to 0/,
  ],
  [
    'gRPC of a server without',
    { runtime: plain, traffic: { istio: { grpc: true } } },
    'spec.traffic.istio.grpc',
    /no port/,
  ],
  [
    'gRPC of unknown services',
    { runtime: http, traffic: { gatewayApi: { gateway, grpc: true } } },
    'spec.traffic.gatewayApi.grpc',
    /v2 and tfserving/,
  ],
  [
    'a GRPCRoute with all names',
    { traffic: { gatewayApi: { gateway, grpc: { hosts: ['g.example'] } } } },
    'spec.traffic.gatewayApi.grpc',
    /in common/,
  ],
  [
    'a GRPCRoute with a name in common',
    { traffic: { gatewayApi: { gateway, hosts: ['*.example'], grpc: { hosts: ['g.example'] } } } },
    'spec.traffic.gatewayApi.grpc',
    /in common/,
  ],
  [
    'a listener in common',
    { traffic: { gatewayApi: { gateway, hosts: ['a.example'], grpc: { section: 'grpc' } } } },
    'spec.traffic.gatewayApi.grpc',
    /in common/,
  ],
  [
    'a gateway without names',
    { traffic: { istio: { gateways: ['ingress/door'] } } },
    'spec.traffic.istio.hosts',
    /is missing/,
  ],
  [
    'a header that is none to Istio',
    {
      candidate: { ...candidate, match: [{ header: { name: 'Method', value: 'POST' } }] },
      traffic: { istio: {} },
    },
    'spec.candidate.match[0].header.name',
    /every request: Method/,
  ],
  [
    'a cookie of no time',
    { candidate, traffic: { istio: {}, sticky: { maxAge: '10ms' } } },
    'spec.traffic.sticky.maxAge',
    /1s/,
  ],
];

for (const [what, spec, path, problem] of cases)
  test(`refused by its path: ${what}`, () => {
    const refused = trafficRefusals(releaseOf(spec));
    assert.deepEqual(
      refused.map(one => one.path),
      [path],
    );
    assert.match(refused[0]?.problem ?? '', problem);
  });

const accepted: readonly (readonly [what: string, spec: object])[] = [
  ['a service without a candidate', {}],
  ['TLS without a router', { server: { tls }, kubernetes: { secrets: { tls: 't' } } }],
  ['its own gateway', { candidate, traffic: { builtin: {}, timeout: '1s' } }],
  ['pods that give the weight', { replicas: 9, candidate, traffic: { replicas: {} } }],
  ['pods that nearly give it', { replicas: 6, candidate, traffic: { replicas: {} } }],
  [
    'a candidate that nobody asks',
    { candidate: { ...trial, weight: 0, replicas: 0 }, traffic: { istio: {} } },
  ],
  [
    'all that Istio can',
    {
      candidate: { ...candidate, match },
      traffic: { istio: { grpc: true, subsets: true }, sticky: {}, retries: 2 },
    },
  ],
  ['copies', { candidate: { ...trial, weight: 0, mirror: 5, match }, traffic: { gatewayApi } }],
  [
    'a GRPCRoute with other names',
    { traffic: { gatewayApi: { gateway, hosts: ['a.example'], grpc: { hosts: ['g.example'] } } } },
  ],
  [
    'a GRPCRoute at another listener',
    { traffic: { gatewayApi: { gateway: { name: 'door', section: 'https' }, grpc: { section: 'grpc' } } } },
  ],
];

for (const [what, spec] of accepted)
  test(`not refused: ${what}`, () => assert.deepEqual(trafficRefusals(releaseOf(spec)), []));
