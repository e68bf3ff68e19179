/**
 * Where requests arrive, by each router that fairlead writes objects for: shares of a thousand requests, A/B by header and cookie,
 * users who stay, mirrors, weight 0, gRPC, and time that runs out. The servers are stand-ins that say who they are; the routes and
 * what they name are real, and so are Istio and its gateways.
 *
 * `FAIRLEAD_TEST_INGRESS` is an address of Istio's ingress gateway (pods labelled `istio: ingressgateway`), whose Gateway of Gateway
 * API `FAIRLEAD_TEST_GATEWAY` names, as NAMESPACE/NAME.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { releaseOf } from '../../src/manifests/fixtures/release.ts';
import type { Release } from '../../src/manifests/release.ts';
import { trafficRefusals } from '../../src/manifests/traffic/refusals.ts';
import { routesOf } from '../../src/manifests/traffic/routes.ts';
import { Unavailable } from '../differential/peers/python.ts';
import { until } from '../programs/fairlead.ts';
import { Ingress } from './asking.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { echo } from './echo.ts';
import { istioGateway } from './istio-gateway.ts';
import { Cluster } from './kubectl.ts';

const SECONDS = 120;
const MANY = 1000;

interface Journey {
  readonly cluster: Cluster;
  readonly ingress: Ingress;
  readonly gateway: { readonly namespace: string; readonly name: string };
  readonly stable: string;
  readonly candidate: string;
}

/** The exit code. */
export async function trafficInCluster(): Promise<number> {
  const must = (name: string): string => {
    const value = process.env[name];
    if (value === undefined || value === '') throw new Unavailable(`${name} is not set`);
    return value;
  };
  const cluster = new Cluster(
    must('FAIRLEAD_TEST_KUBECONFIG'),
    `fairlead-traffic-${randomBytes(4).toString('hex')}`,
  );
  const ingress = new Ingress(must('FAIRLEAD_TEST_INGRESS'));
  const [namespace = '', name = ''] = must('FAIRLEAD_TEST_GATEWAY').split('/');
  const image = process.env['FAIRLEAD_TEST_ECHO_IMAGE'] ?? 'node:24-bookworm-slim';
  try {
    await cluster.apply(restrictedNamespace(cluster.namespace));
    const [stable = '', candidate = ''] = await servers(cluster, image);
    const journey: Journey = { cluster, ingress, gateway: { namespace, name }, stable, candidate };
    for (const router of routers) {
      await shares(journey, router);
      await chosen(journey, router);
      await mirrored(journey, router);
      await calls(journey, router);
      await late(journey, router);
    }
    await users(journey);
    analyzed(cluster);
  } finally {
    ingress.close();
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
  }
  return 0;
}

const service = { model: { uri: './models/echo/1' } };
const trial = { model: { uri: './models/echo/2' } };

function released(cluster: Cluster, spec: object): Release {
  return releaseOf({ ...service, ...spec }, { name: 'echo', namespace: cluster.namespace });
}

/** Every case has the same two revisions, and other routes to them. */
async function servers(cluster: Cluster, image: string): Promise<string[]> {
  const release = released(cluster, { candidate: { ...trial, weight: 0 } });
  const items = release.arms.flatMap(arm => echo(release, arm, image));
  await cluster.apply({ apiVersion: 'v1', kind: 'List', items });
  const isUp = async (): Promise<boolean> => {
    const pods = await cluster.pods('echo');
    return pods.length === release.arms.length && pods.every(({ isReady }) => isReady);
  };
  await until(isUp, SECONDS);
  await cluster.apply(istioGateway);
  return release.arms.map(({ deployed }) => deployed.revision.name);
}

interface Router {
  readonly name: string;
  readonly traffic: (journey: Journey, host: string) => object;
  readonly domain: string;
}

const routers: readonly Router[] = [
  {
    name: 'VirtualService',
    domain: 'istio.test',
    traffic: (_, host) => ({ istio: { hosts: [host], gateways: ['door'], grpc: true } }),
  },
  {
    name: 'VirtualService with subsets',
    domain: 'istio.test',
    traffic: (_, host) => ({ istio: { hosts: [host], gateways: ['door'], grpc: true, subsets: true } }),
  },
  {
    name: 'HTTPRoute',
    domain: 'routes.test',
    traffic: ({ gateway }, host) => ({ gatewayApi: { gateway, hosts: [host], grpc: true } }),
  },
  {
    name: 'HTTPRoute and GRPCRoute',
    domain: 'routes.test',
    traffic: ({ gateway }, host) => ({
      gatewayApi: { gateway, hosts: [host], grpc: { hosts: [`grpc-${host}`] } },
    }),
  },
];

let cases = 0;

/** Applies the routes of a file, under a name that no case before had: it answers once they are in effect. */
async function routed(
  journey: Journey,
  { traffic, domain }: Router,
  { more = {}, ...spec }: { more?: object } & Record<string, unknown>,
): Promise<string> {
  const { cluster, ingress } = journey;
  cases += 1;
  const host = `case-${cases}.${domain}`;
  const release = released(cluster, { ...spec, traffic: { ...traffic(journey, host), ...more } });
  assert.deepEqual(trafficRefusals(release), []);
  const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: routesOf(release) });
  await cluster.run(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], items);
  await cluster.run(['apply', '-f', '-'], items);
  await until(async () => (await ingress.ask({ host })).status === 200, SECONDS);
  return host;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Four standard deviations: a right split fails once in 16,000 runs. */
function near(got: number, weight: number, count = MANY): void {
  const share = weight / 100;
  const off = 4 * Math.sqrt(count * share * (1 - share));
  assert.ok(Math.abs(got - count * share) <= off, `${got} of ${count} is not ${weight} %`);
}

async function shares(journey: Journey, router: Router): Promise<void> {
  for (const weight of [10, 0, 100]) {
    const host = await routed(journey, router, { candidate: { ...trial, weight } });
    const tally = await journey.ingress.tally({ host }, MANY);
    const [stable = 0, got = 0] = [journey.stable, journey.candidate].map(name => tally.get(name));
    assert.equal(stable + got, MANY);
    near(got, weight);
    say(`${router.name}: of ${MANY} requests at weight ${weight} the candidate answered ${got}`);
  }
}

async function chosen(journey: Journey, router: Router): Promise<void> {
  const match = [
    { header: { name: 'X-Trial', value: 'yes' } },
    { cookie: { name: 'ab', value: 'candidate' } },
  ];
  const host = await routed(journey, router, { candidate: { ...trial, weight: 0, match } });
  const { stable, candidate } = journey;
  const expected: readonly (readonly [headers: Record<string, string>, who: string])[] = [
    [{}, stable],
    [{ 'x-trial': 'yes' }, candidate],
    [{ 'x-trial': 'yes please' }, stable],
    [{ cookie: 'ab=candidate' }, candidate],
    [{ cookie: 'a=1; ab=candidate; b=2' }, candidate],
    [{ cookie: 'xab=candidate' }, stable],
    [{ cookie: 'ab=candidate2' }, stable],
    [{ cookie: 'ab=control; x=ab=candidate' }, stable],
  ];
  for (const [headers, who] of expected) {
    const tally = await journey.ingress.tally({ host, headers }, 100);
    assert.deepEqual([...tally], [[who, 100]], JSON.stringify(headers));
  }
  say(`${router.name}: ${expected.length} headers and cookies went, 100 times each, where they should`);
}

async function mirrored(journey: Journey, router: Router): Promise<void> {
  const { cluster, ingress, stable, candidate } = journey;
  const [pod] = (await cluster.pods('echo')).filter(({ name }) => name.startsWith(candidate));
  assert.ok(pod);
  const seen = async (): Promise<number> => Number(await cluster.ask(pod.name, '/seen'));
  for (const mirror of [100, 30]) {
    const host = await routed(journey, router, { candidate: { ...trial, weight: 0, mirror } });
    const before = await settled(seen);
    assert.deepEqual([...(await ingress.tally({ host }, MANY))], [[stable, MANY]]);
    const copies = (await settled(seen)) - before;
    near(copies, mirror);
    say(
      `${router.name}: a mirror of ${mirror} % got ${copies} copies of ${MANY} requests, and clients none of its answers`,
    );
  }
}

/** Copies may still be on their way. */
async function settled(read: () => Promise<number>): Promise<number> {
  let last = -1;
  await until(async () => {
    const now = await read();
    const isSettled = now === last;
    last = now;
    return isSettled;
  }, SECONDS);
  return last;
}

const METHOD = '/inference.GRPCInferenceService/ModelInfer';
const CALLS = 200;

async function calls(journey: Journey, router: Router): Promise<void> {
  const host = await routed(journey, router, { candidate: { ...trial, weight: 50 } });
  const authority = router.name.includes('GRPCRoute') ? `grpc-${host}` : host;
  const { ingress, stable, candidate } = journey;
  const isRouted = async (): Promise<boolean> => {
    const [[who] = []] = await ingress.call(authority, METHOD, 1);
    return who === stable || who === candidate;
  };
  await until(isRouted, SECONDS);
  const tally = await ingress.call(authority, METHOD, CALLS);
  near(tally.get(candidate) ?? 0, 50, CALLS);
  assert.equal((tally.get(candidate) ?? 0) + (tally.get(stable) ?? 0), CALLS);
  say(
    `${router.name}: of ${CALLS} calls of gRPC at weight 50 the candidate answered ${tally.get(candidate)}`,
  );
}

async function late(journey: Journey, router: Router): Promise<void> {
  const host = await routed(journey, router, {
    candidate: { ...trial, weight: 10 },
    more: { timeout: '1s' },
  });
  const since = performance.now();
  const { status } = await journey.ingress.ask({ host, path: '/slow' });
  const ms = Math.round(performance.now() - since);
  assert.equal(status, 504);
  say(`${router.name}: an answer that does not come within 1s is ${status} after ${ms} ms`);
}

const USERS = 400;

/** Whoever was answered once stays, of both revisions; and is assigned again when theirs has gone. */
async function users(journey: Journey): Promise<void> {
  const [router] = routers;
  assert.ok(router);
  const { ingress, stable, candidate } = journey;
  const more = { sticky: {} };
  const host = await routed(journey, router, { candidate: { ...trial, weight: 20 }, more });
  const cookies = new Map<string, string[]>();
  for (let user = 0; user < USERS; user++) {
    const { text, cookie = '' } = await ingress.ask({ host });
    assert.match(cookie, new RegExp(`^fairlead-revision=${text}; Max-Age=86400; `));
    cookies.set(text, [...(cookies.get(text) ?? []), cookie.split(';')[0] ?? '']);
  }
  near(cookies.get(candidate)?.length ?? 0, 20, USERS);
  for (const [who, [cookie = '']] of cookies) {
    assert.deepEqual([...(await ingress.tally({ host, headers: { cookie } }, MANY))], [[who, MANY]]);
    assert.equal((await ingress.ask({ host, headers: { cookie } })).cookie, undefined);
  }
  say(
    `sticky: of ${USERS} users ${cookies.get(candidate)?.length} have the candidate at weight 20, and one of each revision stayed for ${MANY} requests`,
  );
  const after = await routed(journey, router, { candidate: { ...trial, weight: 0 }, more });
  const headers = { cookie: `fairlead-revision=${candidate}` };
  assert.deepEqual([...(await ingress.tally({ host: after, headers }, 100))], [[stable, 100]]);
  say('sticky: at weight 0 the users of the candidate have the stable revision');
}

/** Whether a namespace is of the mesh is not what is asked here. */
function analyzed({ namespace }: Cluster): void {
  const { stdout, stderr, error } = spawnSync(
    'istioctl',
    ['analyze', '-n', namespace, '--suppress', `IST0102=Namespace ${namespace}`],
    { encoding: 'utf8' },
  );
  if (error !== undefined) return say('istioctl is not on the path: nothing is analyzed');
  assert.match(stdout + stderr, /No validation issues found/);
  say('istioctl analyze: no validation issues');
}
