import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { aroundRefusals } from './refusals.ts';

const paths = (spec: object): string[] => aroundRefusals(releaseOf(spec)).map(({ path }) => path);

const custom = (more: object) => ({
  runtime: { custom: { command: ['s'], image: 'i', protocol: 'v2', ...more } },
});
const prometheus = { server: 'http://prometheus:9090', query: 'sum(queue)', average: 1 };
const keys = { keys: { file: 'keys.yaml' } };
const tls = { certificate: 'c.pem', key: 'k.pem' };
const metrics = (said: object) => ({ kubernetes: { metrics: said } });
const spot = (floor: number) => ({ capacity: { spot: { cloud: 'gke', floor } } });

const SCALING = 'spec.scaling';
const METRICS = 'spec.kubernetes.metrics';

const refused: readonly (readonly [what: string, spec: object, path: string])[] = [
  [
    'predictions in flight of TensorFlow Serving',
    { scaling: { max: 3, inFlight: 4 }, runtime: { tensorflowServing: {} } },
    `${SCALING}.inFlight`,
  ],
  [
    "those of a server of one's own",
    { scaling: { max: 3, inFlight: 4 }, ...custom({}) },
    `${SCALING}.inFlight`,
  ],
  [
    'a window of parts of a second',
    { scaling: { max: 3, cpu: 70, up: { window: '1500ms' } } },
    `${SCALING}.up.window`,
  ],
  [
    'a window of more than an hour',
    { scaling: { max: 3, cpu: 70, down: { window: '2h' } } },
    `${SCALING}.down.window`,
  ],
  [
    'a threshold for the first pod where there is always one',
    { scaling: { max: 3, prometheus: { ...prometheus, activation: 1 } } },
    `${SCALING}.prometheus.activation`,
  ],
  [
    'more pods to fall back to than there may be',
    { scaling: { max: 3, prometheus: { ...prometheus, fallback: 4 } } },
    `${SCALING}.prometheus.fallback`,
  ],
  [
    'fewer pods to fall back to than there must be',
    { scaling: { min: 2, max: 3, prometheus: { ...prometheus, fallback: 1 } } },
    `${SCALING}.prometheus.fallback`,
  ],
  ['nothing to scale', { scaling: { min: 3, max: 3, cpu: 70 } }, `${SCALING}.max`],
  ['nothing to scale beside pods that stay', { scaling: { max: 2, cpu: 70 }, ...spot(1) }, `${SCALING}.max`],
  [
    'a candidate that is as large as it may be',
    { scaling: { max: 5, cpu: 70 }, candidate: { model: { uri: './new' }, weight: 50, replicas: 5 } },
    'spec.candidate.replicas',
  ],
  ['no room beside pods that stay', { scaling: { max: 2, cpu: 70 }, ...spot(2) }, `${SCALING}.max`],
  [
    'no pods beside pods that stay',
    { scaling: { min: 0, max: 5, prometheus }, ...spot(1) },
    `${SCALING}.min`,
  ],
  [
    'annotations where credentials are asked for',
    { server: { auth: { admin: keys } } },
    `${METRICS}.annotations`,
  ],
  [
    'annotations where certificates are asked for',
    { server: { tls: { ...tls, clientAuthority: 'ca.pem', healthPort: 8080 } } },
    `${METRICS}.annotations`,
  ],
  [
    'a PodMonitor where certificates are asked for',
    {
      server: { tls: { ...tls, clientAuthority: 'ca.pem', healthPort: 8080 } },
      ...metrics({ podMonitor: {} }),
    },
    `${METRICS}.podMonitor`,
  ],
  [
    'a PodMonitor of what has no page',
    { ...custom({}), ...metrics({ podMonitor: {} }) },
    `${METRICS}.podMonitor`,
  ],
  [
    'a PodMonitor without the credentials that are asked for',
    { server: { auth: { admin: keys } }, ...metrics({ podMonitor: {} }) },
    `${METRICS}.podMonitor.credentials`,
  ],
  [
    'credentials that nobody asks for',
    metrics({ podMonitor: { credentials: 'scrape' } }),
    `${METRICS}.podMonitor.credentials`,
  ],
  [
    'a PodMonitor that nobody lets in',
    { server: { auth: { predict: keys } }, ...metrics({ podMonitor: { credentials: 'scrape' } }) },
    `${METRICS}.podMonitor`,
  ],
  ["gRPC at the Service's port of HTTP", custom({ ports: { grpc: 80 } }), 'spec.runtime.custom.ports.grpc'],
];

for (const [what, spec, path] of refused)
  test(`it is refused, with its path: ${what}`, () => assert.deepEqual(paths(spec), [path]));

const kept: readonly (readonly [what: string, spec: object])[] = [
  ['a service without more', {}],
  ['cores and windows', { scaling: { max: 3, cpu: 70, up: { window: '0s' }, down: { window: '1h' } } }],
  [
    'no pods at all for a while',
    { scaling: { min: 0, max: 3, prometheus: { ...prometheus, activation: 2 } } },
  ],
  ['machines that are all taken away', { scaling: { min: 0, max: 1, prometheus }, ...spot(0) }],
  [
    'credentials that are shown',
    { server: { auth: { admin: keys } }, ...metrics({ podMonitor: { credentials: 's' } }) },
  ],
  [
    'no metrics where credentials are asked for',
    { server: { auth: { predict: keys } }, ...metrics({ none: {} }) },
  ],
  ['TLS without certificates of clients', { server: { tls } }],
  ['metrics at a port of their own', custom({ ports: { grpc: 9000, metrics: 'auto' } })],
  [
    "a PodMonitor of a gateway's page alone",
    { ...custom({}), ...metrics({ podMonitor: {} }), candidate: { model: { uri: './new' }, weight: 5 } },
  ],
];

for (const [what, spec] of kept) test(`it is let in: ${what}`, () => assert.deepEqual(paths(spec), []));
