import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type GatewayPlan, parseGatewayPlan } from '#spec';
import { releaseOf } from './fixtures/release.ts';
import { keyOf } from './object.ts';
import { objectsOf } from './objects.ts';

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly readinessProbe: { readonly httpGet: object };
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly volumes: readonly { readonly projected?: object }[];
}

interface Service {
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

interface Rule {
  readonly from?: readonly object[];
  readonly ports: readonly { readonly port: number }[];
}

function madeOf(spec: object) {
  const found = objectsOf(releaseOf(spec));
  assert.ok(found.ok, found.ok ? '' : JSON.stringify(found.error));
  const objects = found.value;
  const specOf = (key: string): unknown => {
    const one = objects.find(object => keyOf(object) === key);
    assert.ok(one, `there is ${key}, among ${objects.map(keyOf).join(' ')}`);
    return one['spec'];
  };
  const podsOf = (name: string): PodSpec =>
    (specOf(`apps/Deployment//${name}`) as { template: { spec: PodSpec } }).template.spec;
  return { objects, specOf, podsOf };
}

function planIn(objects: ReturnType<typeof madeOf>['objects']): GatewayPlan {
  const map = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'digits-gateway',
  );
  assert.ok(map);
  const parsed = parseGatewayPlan((map['data'] as { 'plan.json': string })['plan.json']);
  assert.ok(parsed.ok);
  return parsed.value;
}

const keys = { keys: { file: 'keys.yaml' } };
const tls = { certificate: 'a.crt', key: 'a.key' };
const builtin = { traffic: { builtin: {} } };
const triton = { ...builtin, runtime: { triton: {} } };
const secrets = { predict: 'clients', tls: 'cert' };
const none = { metrics: { none: {} } };

test('keys and certificates are of the gateway, and nothing of them is in pods of a server of others', () => {
  const { objects, podsOf } = madeOf({
    ...triton,
    server: { auth: { predict: keys }, tls, cors: { origins: ['https://a.example'] } },
    kubernetes: { secrets },
  });
  const { server } = planIn(objects);
  assert.equal(server.auth?.predict?.keys?.file, '/etc/fairlead/keys/predict.yaml');
  assert.equal(server.tls?.key, '/etc/fairlead/tls/tls.key');
  assert.deepEqual(server.cors?.origins, ['https://a.example']);
  const gateway = podsOf('digits-gateway');
  const paths = gateway.containers[0].volumeMounts.map(({ mountPath }) => mountPath);
  assert.deepEqual(paths.toSorted(), ['/etc/fairlead/gateway', '/etc/fairlead/keys', '/etc/fairlead/tls']);
  const [revision] = releaseOf(triton).arms;
  const servers = objects.filter(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name !== 'digits-gateway',
  );
  assert.equal(servers.length, 1);
  assert.doesNotMatch(JSON.stringify(servers), /clients|cert|keys/);
  assert.ok(revision.door);
});

test("an issuer's keys are a file of the gateway, by a ConfigMap of its own that never changes", () => {
  const jwt = { issuer: 'i', audience: 'a', jwks: './jwks.json' };
  const { objects, podsOf } = madeOf({ ...triton, server: { auth: { predict: { jwt } } } });
  assert.equal(planIn(objects).server.auth?.predict?.jwt?.jwks, '/etc/fairlead/jwks/predict.json');
  const maps = objects.filter(({ metadata }) => metadata.name.startsWith('digits-gateway-conf-'));
  assert.deepEqual(
    maps.map(({ kind, immutable }) => [kind, immutable]),
    [['ConfigMap', true]],
  );
  const [{ volumeMounts }] = podsOf('digits-gateway').containers;
  assert.ok(volumeMounts.some(({ mountPath }) => mountPath === '/etc/fairlead/jwks/predict.json'));
});

test('a gateway with TLS is asked by it: by probes, by clients at 443, and without a certificate at a port for health', () => {
  const plain = madeOf({ ...triton, server: { tls }, kubernetes: { secrets: { tls: 'cert' } } });
  const [container] = plain.podsOf('digits-gateway').containers;
  assert.deepEqual(container.readinessProbe.httpGet, { path: '/health', port: 'https', scheme: 'HTTPS' });
  assert.deepEqual(
    (plain.specOf('/Service//digits') as Service).ports.map(({ name, port }) => [name, port]),
    [
      ['https', 443],
      ['grpc', 8001],
    ],
  );
  const revision = plain.objects.find(
    ({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-pods'),
  );
  assert.ok(revision);
  assert.equal((revision['spec'] as Service).ports[0]?.name, 'http');
  const mutual = { ...tls, clientAuthority: 'ca.crt', healthPort: 8080 };
  const { podsOf } = madeOf({
    ...triton,
    server: { tls: mutual },
    kubernetes: { secrets: { tls: 'cert' }, ...none },
  });
  const [asked] = podsOf('digits-gateway').containers;
  assert.deepEqual(asked.readinessProbe.httpGet, { path: '/health', port: 'health' });
  assert.deepEqual(
    asked.ports.map(({ name, containerPort }) => [name, containerPort]),
    [
      ['https', 8501],
      ['grpc', 8500],
      ['health', 8080],
    ],
  );
});

const gateways = [{ podSelector: { matchLabels: { app: 'digits', component: 'gateway' } } }];
const numbers = (rules: readonly Rule[]) =>
  rules.map(({ from, ports }) => [from, ports.map(({ port }) => port)]);
const guarded = { server: { auth: { predict: keys } }, kubernetes: { secrets: { predict: 'clients' } } };

test('where the gateway asks for credentials nobody else reaches what predicts; metrics stay open', () => {
  const ingress = (spec: object) =>
    numbers(
      (madeOf(spec).specOf('networking.k8s.io/NetworkPolicy//digits') as { ingress: readonly Rule[] })
        .ingress,
    );
  assert.deepEqual(ingress({ ...triton, ...guarded }), [
    [gateways, [8000, 8001]],
    [undefined, [8002]],
  ]);
  assert.deepEqual(ingress(triton), [[undefined, [8000, 8001, 8002]]]);
  const labels = { 'istio.io/dataplane-mode': 'ambient' };
  const kubernetes = { ...guarded.kubernetes, labels };
  assert.deepEqual(ingress({ ...triton, ...guarded, kubernetes }), [
    [gateways, [8000, 8001, 15_008]],
    [undefined, [8002, 15_020, 15_090]],
  ]);
});

test('a gateway reaches the issuer whose keys it needs, and where its spans go', () => {
  const jwt = { issuer: 'i', audience: 'a', jwks: 'https://id.example:8443/jwks' };
  const server = { auth: { predict: { jwt } }, tracing: { endpoint: 'http://collector:4318' } };
  const { egress } = madeOf({ ...triton, server }).specOf(
    'networking.k8s.io/NetworkPolicy//digits-gateway',
  ) as { egress: readonly Rule[] };
  const ports = egress.flatMap(rule => rule.ports.map(({ port }) => port));
  assert.ok(ports.includes(8443) && ports.includes(4318), JSON.stringify(ports));
});

const problemsOf = (spec: object) => {
  const found = objectsOf(releaseOf(spec));
  return found.ok ? [] : found.error.map(({ path }) => path);
};

const refused: readonly (readonly [what: string, spec: object, path: string])[] = [
  [
    'certificates of clients without a port for probes',
    {
      ...triton,
      server: { tls: { ...tls, clientAuthority: 'ca.crt' } },
      kubernetes: { secrets: { tls: 't' }, ...none },
    },
    'spec.server.tls.healthPort',
  ],
  [
    'keys without a Secret',
    { ...triton, server: { auth: { predict: keys } } },
    'spec.kubernetes.secrets.predict',
  ],
  [
    'a Secret for nobody',
    { ...triton, kubernetes: { secrets: { tls: 't' } } },
    'spec.kubernetes.secrets.tls',
  ],
  [
    'a key in a folder that the gateway has',
    {
      ...triton,
      server: { auth: { predict: { keys: { file: '/etc/fairlead/gateway/keys.yaml' } } } },
      kubernetes: { secrets: { predict: 'clients' } },
    },
    'spec.server.auth.predict.keys.file',
  ],
  [
    'metrics that only the gateway reaches',
    { ...builtin, ...guarded, runtime: { tensorflowServing: {} } },
    'spec.kubernetes.metrics.annotations',
  ],
  [
    'a monitor that its gateway does not let in',
    { ...triton, ...guarded, kubernetes: { ...guarded.kubernetes, metrics: { podMonitor: {} } } },
    'spec.kubernetes.metrics.podMonitor',
  ],
];

for (const [what, spec, path] of refused)
  test(`refused of a gateway before servers of others: ${what}`, () =>
    assert.ok(problemsOf(spec).includes(path), problemsOf(spec).join(' ')));

const runtimes = {
  own: {},
  triton: { triton: {} },
  tensorflowServing: { tensorflowServing: {} },
  custom: { custom: { image: 'a/b:1', protocol: 'v2' } },
} as const;
const routers = {
  none: {},
  candidate: { candidate: { model: { uri: './models/2' }, weight: 10 } },
  builtin,
  replicas: { traffic: { replicas: {} } },
  gatewayApi: { traffic: { gatewayApi: { gateway: { name: 'g' } } } },
  istio: { traffic: { istio: {} } },
} as const;
const credentials = { keys, jwt: { jwt: { issuer: 'i', audience: 'a', jwks: './jwks.json' } } } as const;
const names = <T extends object>(all: T) => fc.constantFrom(...(Object.keys(all) as (keyof T)[]));

test('whatever runs behind whatever router, who may ask is known to the gateway or the server, or it is refused', () => {
  const arbitrary = fc.record({
    runtime: names(runtimes),
    router: names(routers),
    predict: fc.option(names(credentials), { nil: undefined }),
    admin: fc.option(names(credentials), { nil: undefined }),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(arbitrary, ({ runtime, router, predict, admin }) => {
      fc.pre(predict !== undefined || admin !== undefined);
      const auth = {
        ...(predict && { predict: credentials[predict] }),
        ...(admin && { admin: credentials[admin] }),
      };
      const spec = {
        ...routers[router],
        runtime: runtimes[runtime],
        server: { auth },
        kubernetes: {
          ...none,
          secrets: { ...(predict === 'keys' && { predict: 'p' }), ...(admin === 'keys' && { admin: 'a' }) },
        },
      };
      const found = objectsOf(releaseOf(spec));
      if (!found.ok) {
        seen.add(`${runtime} refused`);
        assert.ok(
          found.error.some(({ path }) => path.startsWith('spec.server.auth')),
          JSON.stringify(found.error),
        );
        return;
      }
      const servers = found.value.filter(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name !== 'digits-gateway',
      );
      assert.ok(servers.length > 0);
      const isTold = servers.every(one => /FAIRLEAD_AUTH","value":"\{/.test(JSON.stringify(one)));
      const isPlanned = !isTold && planIn(found.value).server.auth !== undefined;
      seen.add(`${runtime} ${isTold ? 'server' : 'gateway'}`);
      const parts = isTold ? JSON.stringify(servers) : JSON.stringify(planIn(found.value).server.auth);
      assert.ok(isTold || isPlanned);
      for (const part of Object.keys(auth)) assert.match(parts, new RegExp(`\\\\?"${part}`));
    }),
    { numRuns: 200 },
  );
  assert.ok(
    seen.has('own server') && seen.has('triton gateway') && seen.has('triton refused'),
    [...seen].join(),
  );
});
