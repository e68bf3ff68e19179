/**
 * The digits service, as its file has it: three replicas of the proven model and one of the new, 90/10 by each router; testers by a
 * header; and copies of all requests to a shadow that no client hears of.
 *
 * `FAIRLEAD_TEST_INGRESS` and `FAIRLEAD_TEST_GATEWAY` as in traffic.ts; without them only fairlead's own gateway is asked.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, until } from '../programs/fairlead.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { buildImage } from './image.ts';
import { istioGateway } from './istio-gateway.ts';
import { Cluster } from './kubectl.ts';
import { ask, type Target } from './open-loop.ts';
import { Service, small } from './service.ts';
import { surroundings } from './surroundings.ts';

const SECONDS = 60;
const MANY = 1000;
const NEAR = 30;

interface Journey {
  readonly cluster: Cluster;
  readonly service: Service;
  /** The file without what splits its traffic. */
  readonly spec: { readonly candidate: object };
}

interface Router {
  readonly name: string;
  readonly traffic: object;
  /** Where clients ask, and for whom. */
  readonly target: (service: Service) => Promise<{ readonly url: string; readonly host?: string }>;
}

/** The exit code. */
export async function digitsInRoutes(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-digits-${suffix}`);
  const cache = join('/var/tmp', `fairlead-digits-${suffix}`);
  const service = new Service('digits', cluster, around.kubeconfig);
  try {
    const base = ['--base', `${around.registry}/${around.baseImage}`];
    const build = { around, cache, repository: `fairlead-test/${suffix}` };
    const example = join(root, 'examples/digits');
    const image = buildImage(build, [example, ...base], 'digits:1').name;
    const next = buildImage(build, [example, '--candidate', ...base], 'digits:2').name;
    const model = (version: number) => ({ uri: join(example, `models/digits/${version}`) });
    const spec = {
      model: model(1),
      image,
      replicas: 3,
      resources: small,
      candidate: { model: model(2), image: next, weight: 10 },
    };
    await cluster.apply(restrictedNamespace(cluster.namespace));
    for (const router of await routersIn(cluster, suffix)) await through(router, { cluster, service, spec });
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    await service.remove();
    rmSync(cache, { recursive: true, force: true });
  }
  return 0;
}

async function routersIn(cluster: Cluster, suffix: string): Promise<Router[]> {
  const builtin: Router = {
    name: "fairlead's own gateway",
    traffic: { builtin: {} },
    target: async service => ({ url: await service.url() }),
  };
  const { FAIRLEAD_TEST_INGRESS: ingress, FAIRLEAD_TEST_GATEWAY: gateway } = process.env;
  if (ingress === undefined || gateway === undefined) {
    process.stdout.write(
      'skipped, FAIRLEAD_TEST_INGRESS and FAIRLEAD_TEST_GATEWAY are not set: Istio and Gateway API\n',
    );
    return [builtin];
  }
  const [namespace, name] = gateway.split('/');
  await cluster.apply(istioGateway);
  const [virtual, route] = [`digits-${suffix}.istio.test`, `digits-${suffix}.routes.test`];
  const at = (host: string) => () => Promise.resolve({ url: ingress, host });
  return [
    builtin,
    {
      name: 'a VirtualService',
      traffic: { istio: { hosts: [virtual], gateways: ['door'] } },
      target: at(virtual),
    },
    {
      name: 'an HTTPRoute',
      traffic: { gatewayApi: { gateway: { name, namespace }, hosts: [route] } },
      target: at(route),
    },
  ];
}

async function through(router: Router, journey: Journey): Promise<void> {
  const { service, spec } = journey;
  const isOwn = router.name.startsWith('fairlead');
  const match = [{ header: { name: 'x-canary', value: 'always' } }];
  await service.apply({
    ...spec,
    traffic: router.traffic,
    candidate: { ...spec.candidate, ...(!isOwn && { match }) },
  });
  const target = await targetOf(router, service);
  const tried = await versions(target, MANY);
  const [stable = 0, candidate = 0] = [tried.get('1'), tried.get('2')];
  assert.equal(stable + candidate, MANY);
  assert.ok(Math.abs(candidate - MANY / 10) <= NEAR, `${candidate} of ${MANY} went to the candidate`);
  process.stdout.write(`${router.name}: ${stable}/${candidate} of ${MANY} requests at 90/10\n`);
  if (isOwn) return;
  const testers = await versions({ ...target, headers: { ...target.headers, 'x-canary': 'always' } }, 200);
  assert.deepEqual([...testers], [['2', 200]]);
  process.stdout.write(`${router.name}: 200 of 200 requests with the header go to the candidate\n`);
  await mirrored(router, journey, target);
}

async function targetOf(router: Router, service: Service): Promise<Target> {
  const { url, host } = await router.target(service);
  const target = {
    url: `${url}/models/digits/predict`,
    body: readFileSync(join(root, 'examples/digits/request.json'), 'utf8'),
    ...(host !== undefined && { headers: { host } }),
  };
  // A route that was accepted takes a moment to be in effect.
  await until(async () => (await ask(target).catch(() => '')) !== '', SECONDS);
  return target;
}

/** How often each version answered. */
async function versions(target: Target, many: number): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let at = 0; at < many; at++) {
    const { model_version: version } = JSON.parse(await ask(target)) as { model_version: string };
    found.set(version, (found.get(version) ?? 0) + 1);
  }
  return found;
}

async function mirrored(router: Router, { cluster, service, spec }: Journey, target: Target): Promise<void> {
  await service.apply({
    ...spec,
    traffic: router.traffic,
    candidate: { ...spec.candidate, weight: 0, mirror: 100 },
  });
  const shadow = async (): Promise<number> => {
    const counts = await Promise.all(
      (await cluster.pods('digits')).map(({ name }) => predictionsOf(cluster, name)),
    );
    return counts.reduce((sum, one) => sum + one, 0);
  };
  // The mirror takes a moment as well: what was copied before counts for nothing.
  await until(async () => {
    const before = await shadow();
    await ask(target);
    return (await shadow()) > before;
  }, SECONDS);
  const before = await shadow();
  const answered = await versions(target, 300);
  assert.deepEqual([...answered], [['1', 300]], 'no client hears of the shadow');
  await until(async () => (await shadow()) - before >= 300, SECONDS);
  process.stdout.write(
    `${router.name}: the shadow got ${(await shadow()) - before} of 300 requests, clients none of its answers\n`,
  );
}

/** Of the model's second version, as its own metrics say. */
async function predictionsOf(cluster: Cluster, pod: string): Promise<number> {
  const url = `/api/v1/namespaces/${cluster.namespace}/pods/${pod}:8501/proxy/metrics`;
  const page = await cluster.run(['get', '--raw', url]).catch(() => '');
  const lines = page.split('\n').filter(line => /^prediction_requests_total\{.*model_version="2"/.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
