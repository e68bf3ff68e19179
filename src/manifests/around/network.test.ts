import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { networkOf } from './network.ts';

const candidate = { model: { uri: './models/new' }, weight: 10 };

interface Rule {
  readonly from?: readonly object[];
  readonly to?: readonly object[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}

interface Said {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

function policy(spec: object, name = 'digits'): Said {
  const found = networkOf(releaseOf(spec)).find(({ metadata }) => metadata.name === name);
  assert.ok(found, `there is a policy ${name}`);
  return found['spec'] as Said;
}

const numbers = ({ ports = [] }: Rule): number[] => ports.map(({ port }) => port);

/** Ports of TCP that pods may connect to, at any address; those of DNS are looked at once. */
const open = (spec: object): number[] =>
  policy(spec)
    .egress.slice(1)
    .filter(({ to }) => to === undefined)
    .flatMap(numbers);

test('both directions are closed but for what is said', () => {
  const { podSelector, policyTypes, ingress, egress } = policy({});
  assert.deepEqual(podSelector.matchLabels, { app: 'digits', component: 'server' });
  assert.deepEqual(policyTypes, ['Ingress', 'Egress']);
  assert.deepEqual(ingress, [{ ports: [8500, 8501].map(port => ({ protocol: 'TCP', port })) }]);
  const dns = ['UDP', 'TCP'].map(protocol => ({ protocol, port: 53 }));
  assert.deepEqual(egress, [{ ports: dns }]);
});

const listening: readonly (readonly [what: string, spec: object, ports: readonly number[]])[] = [
  ["Triton's three", { runtime: { triton: {} } }, [8000, 8001, 8002]],
  [
    'those of a command, with that of its metrics',
    {
      runtime: {
        custom: { command: ['serve'], image: 'i', protocol: 'v2', ports: { http: 9000, metrics: 9100 } },
      },
    },
    [9000, 9100],
  ],
  [
    'that of probes, where they have no certificate',
    { server: { tls: { certificate: 'c.pem', key: 'k.pem', healthPort: 8080 } } },
    [8080, 8500, 8501],
  ],
  ["those of Istio's part of the pod", { traffic: { istio: {} } }, [8500, 8501, 15_008, 15_020, 15_090]],
];

for (const [what, spec, ports] of listening)
  test(`what may be asked are the ports of a pod: ${what}`, () =>
    assert.deepEqual(policy(spec).ingress.flatMap(numbers), ports));

test('namespaces that are named may ask, and no others', () => {
  const from = [{ 'kubernetes.io/metadata.name': 'web' }, { team: 'vision' }];
  const { ingress } = policy({ kubernetes: { network: { from } } });
  assert.deepEqual(
    ingress[0]?.from,
    from.map(matchLabels => ({ namespaceSelector: { matchLabels } })),
  );
});

test('the gateway reaches the servers whoever may ask it', () => {
  const spec = { candidate, kubernetes: { network: { from: [{ team: 'vision' }] } } };
  const gateways = { podSelector: { matchLabels: { app: 'digits', component: 'gateway' } } };
  const team = { namespaceSelector: { matchLabels: { team: 'vision' } } };
  assert.deepEqual(policy(spec).ingress[0]?.from, [team, gateways]);
  const gateway = policy(spec, 'digits-gateway');
  assert.deepEqual(gateway.ingress[0]?.from, [team]);
  assert.deepEqual(gateway.egress[1], {
    to: [{ podSelector: { matchLabels: { app: 'digits', component: 'server' } } }],
    ports: [8500, 8501].map(port => ({ protocol: 'TCP', port })),
  });
});

const pulled = (uri: string, env: object = {}) => ({ model: { uri }, kubernetes: { env } });
const jwt = (jwks: string) => ({ jwt: { issuer: 'i', audience: 'a', jwks } });

const opened: readonly (readonly [what: string, spec: object, ports: readonly number[]])[] = [
  ['nothing for a model in the image', {}, []],
  ['nothing for a volume', { model: { uri: 'pvc://models/digits' } }, []],
  [
    'nothing for an image volume, which the node pulls',
    { model: { uri: 'oci://ghcr.io/acme/digits:3' }, kubernetes: { models: 'volume' } },
    [],
  ],
  ['a bucket', pulled('s3://models/digits'), [443]],
  ['a bucket elsewhere', pulled('s3://models/digits?endpoint=http://minio.storage:9000'), [443, 9000]],
  [
    'a bucket at the address of a variable',
    pulled('s3://m/d', { AWS_ENDPOINT_URL: 'http://minio:9000' }),
    [443, 9000],
  ],
  ["a bucket of Google's", pulled('gs://m/d', { STORAGE_EMULATOR_HOST: 'gcs:4443' }), [443, 4443]],
  ['a mirror of a hub', pulled('hf://owner/repo', { HF_ENDPOINT: 'http://mirror' }), [80, 443]],
  ['an address', pulled('https://models.example:8443/digits/1/model.onnx'), [8443]],
  ['a registry', pulled('oci://registry.models:5000/digits:3'), [443, 5000]],
  ['a proxy', pulled('hf://owner/repo', { HTTPS_PROXY: 'http://proxy:3128' }), [443, 3128]],
  ['no proxy where nothing is pulled', { kubernetes: { env: { HTTPS_PROXY: 'http://proxy:3128' } } }, []],
  ['a collector of traces', { server: { tracing: { endpoint: 'http://otel:4318/v1/traces' } } }, [4318]],
  ['a sink for records', { server: { payloadLog: { http: 'https://sink.example' } } }, [443]],
  ['an issuer of tokens', { server: { auth: { predict: jwt('https://id.example:8443/jwks') } } }, [8443]],
  ['nothing for what is in the pod', { server: { auth: { admin: jwt('http://127.0.0.1:8080/jwks') } } }, []],
];

for (const [what, spec, ports] of opened)
  test(`pods may connect to ${what}`, () => assert.deepEqual(open(spec), ports));

test('both revisions may fetch their models', () => {
  const spec = {
    ...pulled('s3://m/d'),
    candidate: { model: { uri: 'https://models.example:8443/d' }, weight: 10 },
  };
  assert.deepEqual(open(spec), [443, 8443]);
});

test('a pod that fetches from a cloud may ask the machine who it is', () => {
  const machine = { ipBlock: { cidr: '169.254.0.0/16' } };
  const asks = (uri: string) =>
    policy(pulled(uri)).egress.some(({ to = [] }) => JSON.stringify(to[0]) === JSON.stringify(machine));
  assert.deepEqual(['s3://m/d', 'gs://m/d', 'az://m/d', 'hf://o/r'].map(asks), [true, true, true, false]);
});

test('what a server of another kind needs besides is said by its addresses', () => {
  const to = [{ cidr: '10.0.0.0/8', port: 5432 }, { cidr: 'fd00::/8' }];
  const { egress } = policy({ kubernetes: { network: { to } } });
  assert.deepEqual(egress.slice(1), [
    { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ protocol: 'TCP', port: 5432 }] },
    { to: [{ ipBlock: { cidr: 'fd00::/8' } }] },
  ]);
});

test('a sidecar gets its certificate and its routes', () => {
  const ports = (spec: object) => policy(spec).egress.flatMap(numbers);
  assert.ok(ports({ traffic: { istio: {} } }).includes(15_012));
  assert.ok(ports({ kubernetes: { labels: { 'sidecar.istio.io/inject': 'true' } } }).includes(15_012));
  assert.ok(!ports({}).includes(15_012));
});
