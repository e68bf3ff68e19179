/**
 * Nothing that is done to a service on purpose may lose a request: pods that are rolled, replaced by another revision, deleted,
 * evicted one by one as a drain of their node does, and killed behind fairlead's own gateway.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, until } from '../programs/fairlead.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { type Build, buildImage } from './image.ts';
import { Cluster } from './kubectl.ts';
import { failuresText, type Target, underLoad } from './open-loop.ts';
import { Service, small } from './service.ts';
import { surroundings } from './surroundings.ts';

const SECONDS = 120;
const isQuick = process.argv.includes('--quick');
const LOAD = { perSecond: 150, least: isQuick ? 1500 : 5000 };
const model = (version: number): string => join(root, `examples/digits/models/digits/${version}`);

/** The exit code. */
export async function steadyInPods(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-steady-${suffix}`);
  const cache = join('/var/tmp', `fairlead-steady-${suffix}`);
  const build: Build = { around, cache, repository: `fairlead-test/${suffix}` };
  const service = new Service('digits', cluster, around.kubeconfig);
  try {
    const base = ['--base', `${around.registry}/${around.baseImage}`];
    const example = join(root, 'examples/digits');
    const [first, second] = [[], ['--candidate']].map(
      (flags, at) => buildImage(build, [example, ...flags, ...base], `digits:${at + 1}`).name,
    );
    await cluster.apply(restrictedNamespace(cluster.namespace));
    const spec = { model: { uri: model(1) }, image: first, replicas: 3, resources: small };
    await service.apply(spec);
    await rolled(service, cluster, spec, second);
    await gone(service, cluster);
    await killed(service, cluster, { ...spec, traffic: { builtin: { replicas: 2 } } });
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    await service.remove();
    rmSync(cache, { recursive: true, force: true });
  }
  return 0;
}

/** In place by other resources, and by another revision beside it. */
async function rolled(
  service: Service,
  cluster: Cluster,
  spec: object,
  second: string | undefined,
): Promise<void> {
  await steady(service, 'a rolling update of three pods', async () => {
    await service.apply({ ...spec, resources: { ...small, memory: '320Mi' } });
  });
  const before = (await cluster.pods('digits')).map(({ name }) => name);
  await steady(service, 'another revision: applied, switched to, the old one removed', async () => {
    await service.apply({ ...spec, model: { uri: model(2) }, image: second });
  });
  const after = (await cluster.pods('digits')).map(({ name }) => name);
  assert.ok(after.every(name => !before.includes(name)));
}

async function gone(service: Service, cluster: Cluster): Promise<void> {
  await steady(service, 'each of three pods deleted', async () => {
    for (const { name } of await cluster.pods('digits')) {
      await cluster.run(['delete', 'pod', name, '--wait=false']);
      await allReady(cluster, name);
    }
  });
  let refused = 0;
  await steady(service, 'each of three pods evicted, as a drain does', async () => {
    for (const { name } of await cluster.pods('digits')) {
      await until(async () => {
        const isEvicted = await evict(cluster, name);
        if (!isEvicted) refused += 1;
        return isEvicted;
      }, SECONDS);
    }
    await allReady(cluster, '');
  });
  process.stdout.write(`  the disruption budget said "not yet" ${refused} times\n`);
  assert.ok(refused > 0, 'a drain that asks for all at once is held back');
}

/** Its server is ended as a crash ends it; the gateway asks another. */
async function killed(service: Service, cluster: Cluster, spec: object): Promise<void> {
  await service.apply(spec);
  await steady(service, 'servers killed behind the gateway', async () => {
    for (let round = 0; round < 3; round++) {
      const pods = (await cluster.pods('digits')).filter(({ name }) => !name.includes('gateway'));
      const [pod] = pods;
      assert.ok(pod);
      await cluster.run(['exec', pod.name, '--', 'node', '-e', 'process.kill(1, "SIGKILL")']).catch(() => '');
      await cluster.run(['delete', 'pod', pod.name, '--grace-period=0', '--force', '--wait=false']);
      await allReady(cluster, pod.name);
    }
  });
}

async function steady(service: Service, what: string, doing: () => Promise<void>): Promise<void> {
  const target: Target = {
    url: `${await service.url()}/models/digits/predict`,
    body: readFileSync(join(root, 'examples/digits/request.json'), 'utf8'),
  };
  const tally = await underLoad(target, LOAD, doing);
  process.stdout.write(
    `${what}: ${tally.sent - tally.answered} of ${tally.sent} requests failed in ${tally.seconds.toFixed(0)} s\n`,
  );
  assert.equal(tally.answered, tally.sent, failuresText(tally));
  assert.ok(tally.sent >= LOAD.least);
}

/** Whether it was let go. The API server answers 429 as long as the budget does not allow it. */
async function evict(cluster: Cluster, pod: string): Promise<boolean> {
  const { namespace } = cluster;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } };
  const url = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  try {
    await cluster.run(['create', '--raw', url, '-f', '-'], JSON.stringify(eviction));
    return true;
  } catch (error: unknown) {
    if (/TooManyRequests|disruption budget/.test(String(error))) return false;
    throw error;
  }
}

async function allReady(cluster: Cluster, gonePod: string): Promise<void> {
  await until(async () => {
    const pods = await cluster.pods('digits');
    return pods.length >= 3 && pods.every(({ name, isReady }) => isReady && name !== gonePod);
  }, SECONDS);
}
