import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { servicesOf } from './services.ts';

const candidate = { model: { uri: './models/new' }, weight: 10 };
const istio = { istio: {} };

const services = (spec: object) =>
  servicesOf(releaseOf(spec)).map(({ metadata, spec: said }) => ({
    name: metadata.name,
    said: said as Said,
  }));

interface Said {
  readonly clusterIP?: string;
  readonly publishNotReadyAddresses?: boolean;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly appProtocol: string }[];
}

/** The one that is asked by the service's name. */
const own = (spec: object): Said => {
  const found = services(spec).find(({ name }) => name === 'digits');
  assert.ok(found);
  return found.said;
};

const nameOf = (spec: object, at = 0): string => {
  const name = releaseOf(spec).arms[at]?.deployed.revision.name;
  assert.ok(name);
  return name;
};

test('a revision keeps its own service whatever stands beside it', () => {
  const alone = services({}).find(({ name }) => name === nameOf({}));
  const beside = services({ candidate, traffic: istio }).find(({ name }) => name === nameOf({}));
  assert.deepEqual(alone, beside);
  assert.deepEqual(alone?.said.selector, { app: 'digits', component: 'server', version: nameOf({}) });
});

test('a candidate has a service of its own', () => {
  const spec = { candidate, traffic: istio };
  const names = services(spec).map(({ name }) => name);
  assert.deepEqual(names, [nameOf(spec), nameOf(spec, 1), 'digits']);
});

const answering: readonly (readonly [what: string, spec: object, selector: object])[] = [
  ['the stable revision', {}, { component: 'server', version: nameOf({}) }],
  [
    'the stable revision under a mesh',
    { candidate, traffic: istio },
    { component: 'server', version: nameOf({}) },
  ],
  ['the pods of both revisions', { candidate, traffic: { replicas: {} } }, { component: 'server' }],
  ['the gateway', { candidate }, { component: 'gateway' }],
];

for (const [what, spec, selector] of answering)
  test(`the service's name leads to ${what}`, () =>
    assert.deepEqual(own(spec).selector, { app: 'digits', ...selector }));

test("a gateway finds a revision's ready pods by a name", () => {
  const found = services({ candidate }).filter(({ said }) => said.clusterIP === 'None');
  assert.deepEqual(
    found.map(({ name }) => name),
    [`${nameOf({ candidate })}-pods`, `${nameOf({ candidate }, 1)}-pods`],
  );
  for (const { said } of found) assert.equal(said.publishNotReadyAddresses, false);
});

const custom = { command: ['serve'], image: 'registry.example/own:1', protocol: 'v2' };

const doors: readonly (readonly [what: string, spec: object, ports: readonly string[]])[] = [
  ['HTTP at 80 and gRPC at its own port', {}, ['http:80:http', 'grpc:8500:kubernetes.io/h2c']],
  [
    'HTTPS at 443, and gRPC that nobody on the way can read',
    { server: { tls: { certificate: 'c.pem', key: 'k.pem' } } },
    ['https:443:https', 'grpc:8500:https'],
  ],
  [
    "gRPC at Triton's port",
    { runtime: { triton: {} }, model: { uri: './models/triton', name: 'm' } },
    ['http:80:http', 'grpc:8001:kubernetes.io/h2c'],
  ],
  ['no gRPC where a server has none', { runtime: { custom } }, ['http:80:http']],
];

for (const [what, spec, ports] of doors)
  test(`a service has ${what}`, () => {
    const told = own(spec).ports.map(({ name, port, appProtocol }) => `${name}:${port}:${appProtocol}`);
    assert.deepEqual(told, ports);
  });

test('who asks a pod by its address finds it at its own port', () => {
  const [headless] = services({ candidate }).filter(({ said }) => said.clusterIP === 'None');
  assert.deepEqual(
    headless?.said.ports.map(({ port }) => port),
    [8501, 8500],
  );
});
