import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { AppError } from '#base';
import { FakeCluster, Killed, type Write } from '../fixtures/fake-cluster.ts';
import {
  applied,
  GATEWAY,
  isRoute,
  made,
  objectsOf,
  pointedTo,
  type Revision,
  SERVICE,
  type Shape,
} from '../fixtures/releases.ts';
import { keyOf, type ObjectRef, refOf, type WantedObject } from '../kube-object.ts';
import { rolloutState } from './rollout-state.ts';

const deployment = (name: string): ObjectRef => ({ apiVersion: 'apps/v1', kind: 'Deployment', name });
const rev = (name: string, replicas: number | undefined = 2): Revision => ({ name, replicas });
const alone = (revision: Revision, route: Shape['route'] = 'none') =>
  objectsOf({ revisions: [revision], route });
const keys = (objects: readonly WantedObject[]): string[] =>
  objects.map(one => keyOf(refOf(one), 'default')).toSorted();

function availableOf(cluster: FakeCluster, name: string): number {
  const live = cluster.object(deployment(name));
  return live === undefined ? 0 : rolloutState(live).available;
}

/** Those of older templates as well. */
function podsOf(cluster: FakeCluster, name: string): number {
  const status = cluster.object(deployment(name))?.['status'] as { availableReplicas?: number } | undefined;
  return status?.availableReplicas ?? 0;
}

function replicasOf(cluster: FakeCluster, name: string): number | undefined {
  const live = cluster.object(deployment(name));
  return live === undefined ? undefined : (live['spec'] as { replicas?: number }).replicas;
}

async function serving(...names: string[]): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  for (const name of names) assert.equal((await applied(cluster, alone(rev(name)))).outcome, 'done');
  return cluster;
}

test('a first release writes what points to pods last, and is as it was asked for', async () => {
  const cluster = new FakeCluster();
  const writes: string[] = [];
  cluster.written = ({ ref }) => writes.push(`${ref.kind} ${ref.name}`);
  const objects = alone(rev('r1'), 'gateway');
  await applied(cluster, objects, { wait: false });
  assert.deepEqual(writes.slice(-2), [`Service ${SERVICE}`, `HTTPRoute ${SERVICE}`]);
  assert.deepEqual(keys(cluster.all()), keys(objects));
});

test('the same release again changes nothing', async () => {
  const cluster = await serving('r1');
  const { lines } = await applied(cluster, alone(rev('r1')));
  assert.ok(lines.some(line => line.endsWith('unchanged')));
  assert.deepEqual(
    lines.filter(line => /created|changed|deleted/.test(line.replace('unchanged', ''))),
    [],
  );
});

test('a new revision is pointed to once its pods are there, and the old one goes after a drain', async () => {
  const cluster = await serving('r1');
  const { outcome, lines } = await applied(cluster, alone(rev('r2')));
  assert.equal(outcome, 'done');
  const order = ['r2 2/2 ready', `Service ${SERVICE} changed`, 'waiting 5 s', 'Deployment r1 deleted'];
  const found = order.map(part => lines.findIndex(line => line.startsWith(part)));
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
  assert.ok(!found.includes(-1), lines.join('\n'));
});

test('without waiting requests stay where they are, and the same again goes on once the pods are there', async () => {
  const cluster = await serving('r1');
  const first = await applied(cluster, alone(rev('r2')), { wait: false });
  assert.equal(first.outcome, 'held');
  assert.match(first.lines.at(-1) ?? '', /go where they went before.*--wait/);
  assert.deepEqual(pointedTo(cluster), ['r1']);
  cluster.turn();
  cluster.turn();
  assert.equal((await applied(cluster, alone(rev('r2')), { wait: false })).outcome, 'done');
  assert.deepEqual(pointedTo(cluster), ['r2']);
  assert.equal(cluster.object(deployment('r1')), undefined);
});

test('a revision that does not come up switches nothing and removes nothing', async () => {
  const cluster = await serving('r1');
  cluster.startsIn = () => undefined;
  await assert.rejects(applied(cluster, alone(rev('r2'))), { code: 'rollout_failed', exit: 1 });
  assert.deepEqual(pointedTo(cluster), ['r1']);
  assert.equal(availableOf(cluster, 'r1'), 2);
});

test('a revision whose pods are away for a moment is not given up for one that never came up', async () => {
  const cluster = await serving('r1');
  cluster.setAvailable('r1', false);
  cluster.startsIn = () => undefined;
  assert.equal((await applied(cluster, alone(rev('r2')), { wait: false })).outcome, 'held');
  assert.deepEqual(pointedTo(cluster), ['r1']);
  assert.notEqual(cluster.object(deployment('r1')), undefined);
});

test('what never served is replaced at once', async () => {
  const cluster = new FakeCluster();
  cluster.startsIn = () => undefined;
  await applied(cluster, alone(rev('r1')), { wait: false });
  cluster.startsIn = () => 1;
  assert.equal((await applied(cluster, alone(rev('r2')), { wait: false })).outcome, 'done');
  assert.deepEqual(pointedTo(cluster), ['r2']);
});

test('a candidate that is promoted is not rolled again', async () => {
  const cluster = await serving('r1');
  await applied(cluster, objectsOf({ revisions: [rev('r1'), rev('r2')], route: 'gateway' }));
  const before = cluster.object(deployment('r2'))?.metadata;
  await applied(cluster, alone(rev('r2'), 'gateway'));
  assert.deepEqual(cluster.object(deployment('r2'))?.metadata.generation, before?.generation);
  assert.deepEqual(pointedTo(cluster), ['r2']);
});

test('a route of a kind that is no longer wanted is found and removed', async () => {
  const cluster = new FakeCluster();
  await applied(cluster, alone(rev('r1'), 'gateway'));
  const objects = alone(rev('r1'), 'istio');
  await applied(cluster, objects);
  assert.deepEqual(keys(cluster.all()), keys(objects));
});

test('pods that pass requests on have their plan, and are there before anything points to them', async () => {
  const cluster = await serving('r1');
  const objects = objectsOf({ revisions: [rev('r1'), rev('r2')], route: 'builtin' });
  assert.equal((await applied(cluster, objects, { wait: false })).outcome, 'held');
  assert.deepEqual(pointedTo(cluster), ['r1']);
  assert.ok(keys(cluster.all()).includes(`/ConfigMap/default/${GATEWAY}`));
  assert.equal((await applied(cluster, objects)).outcome, 'done');
  assert.deepEqual(pointedTo(cluster), [GATEWAY, 'r1', 'r2']);
});

/** Of a gateway that mounts its plan. */
const gatewayPod = {
  ...made('v1', 'Pod', 'gateway-x', { volumes: [{ name: 'plan', configMap: { name: GATEWAY } }] }),
};

test('a plan that changes is written once the pods it names are there, and brought to those who follow it', async () => {
  const cluster = new FakeCluster();
  await applied(cluster, objectsOf({ revisions: [rev('r1')], route: 'builtin' }));
  await cluster.apply(gatewayPod, { manager: 'kube-controller-manager' });
  const writes: string[] = [];
  cluster.written = ({ verb, ref }) => writes.push(`${verb} ${ref.kind} ${ref.name}`);
  const { lines } = await applied(cluster, objectsOf({ revisions: [rev('r2')], route: 'builtin' }));
  const order = [
    'apply Deployment r2',
    `apply ConfigMap ${GATEWAY}`,
    'apply Pod gateway-x',
    'remove Deployment r1',
  ];
  const found = order.map(one => writes.indexOf(one));
  assert.ok(!found.includes(-1), writes.join());
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
  const plan = cluster.object({ apiVersion: 'v1', kind: 'ConfigMap', name: GATEWAY })?.metadata
    .resourceVersion;
  const pod = cluster.object({ apiVersion: 'v1', kind: 'Pod', name: 'gateway-x' })?.metadata.annotations;
  assert.deepEqual(pod, { [`fairlead.dev/${GATEWAY}`]: plan });
  assert.ok(lines.some(line => line.startsWith('waiting 5 s')));
});

test('where gateways cannot be told of a new plan, what the old one names stays as long as they may take', async () => {
  const cluster = new FakeCluster();
  await applied(cluster, objectsOf({ revisions: [rev('r1')], route: 'builtin' }));
  cluster.forbidden = ['Pod'];
  const { lines } = await applied(cluster, objectsOf({ revisions: [rev('r2')], route: 'builtin' }));
  assert.ok(
    lines.some(line => line.startsWith('waiting 95 s')),
    lines.join('\n'),
  );
});

test('a policy of a mesh is there before the route that names it, and goes after it', async () => {
  const cluster = new FakeCluster();
  const policy = (name: string) => made('networking.istio.io/v1', 'DestinationRule', name, {});
  const withPolicy = (name: string) => [...alone(rev(name), 'istio'), policy(name)];
  const isRouteOrPolicy = (object: WantedObject) => isRoute(object) || object.kind === 'DestinationRule';
  const run = (name: string) => applied(cluster, withPolicy(name), { isRoute: isRouteOrPolicy });
  await run('r1');
  const writes: string[] = [];
  cluster.written = ({ verb, ref }) => writes.push(`${verb} ${ref.kind} ${ref.name}`);
  await run('r2');
  const order = [
    'apply DestinationRule r2',
    'apply Deployment r2',
    'apply VirtualService digits',
    'remove DestinationRule r1',
    'remove Deployment r1',
  ].map(one => writes.indexOf(one));
  assert.ok(!order.includes(-1), writes.join());
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('what others put there with the same labels stays', async () => {
  const cluster = await serving('r1');
  await cluster.apply(made('v1', 'ConfigMap', 'theirs', {}), { manager: 'argocd-controller' });
  await applied(cluster, alone(rev('r2')));
  assert.ok(keys(cluster.all()).includes('/ConfigMap/default/theirs'));
});

test('an object of another service is not taken over', async () => {
  const cluster = new FakeCluster();
  const theirs = made('v1', 'Service', SERVICE, {});
  await cluster.apply({
    ...theirs,
    metadata: {
      ...theirs.metadata,
      labels: { ...theirs.metadata.labels, 'app.kubernetes.io/instance': 'other' },
    },
  });
  await assert.rejects(applied(cluster, alone(rev('r1'))), { code: 'object_taken' });
  assert.equal(cluster.all().length, 1);
});

test('a kind that is not installed stops it before anything is written, and others need not be there', async () => {
  const cluster = new FakeCluster();
  cluster.lacking = ['HTTPRoute', 'ScaledObject', 'PodMonitor'];
  await assert.rejects(applied(cluster, alone(rev('r1'), 'gateway')), {
    code: 'kind_unknown',
    message: /^HTTPRoute digits: .*; install the CRDs of the Gateway API/,
  });
  assert.deepEqual(cluster.all(), []);
  assert.equal((await applied(cluster, alone(rev('r1')))).outcome, 'done');
});

test('kinds that may not be listed are named and passed over', async () => {
  const cluster = new FakeCluster();
  cluster.forbidden = ['VirtualService'];
  const { lines } = await applied(cluster, alone(rev('r1')));
  assert.ok(lines.includes('not looked at, since it may not be listed: VirtualService'), lines.join('\n'));
});

test('a rehearsal writes nothing', async () => {
  const cluster = new FakeCluster();
  assert.equal((await applied(cluster, alone(rev('r1')), { isRehearsal: true })).outcome, 'rehearsed');
  assert.deepEqual(cluster.all(), []);
});

test('pods are not taken away while an autoscaler takes over their number, nor when it gives it back', async () => {
  const cluster = new FakeCluster();
  await applied(cluster, alone(rev('r1', 5)));
  const counts: (number | undefined)[] = [];
  cluster.written = () => counts.push(replicasOf(cluster, 'r1'));
  await applied(cluster, alone({ name: 'r1', replicas: undefined }));
  cluster.scale('r1', 7);
  await applied(cluster, alone({ name: 'r1', replicas: undefined }));
  await applied(cluster, alone(rev('r1', 6)));
  assert.deepEqual([...new Set(counts)], [5, 7, 6]);
  assert.equal(
    cluster.all().some(({ kind }) => kind === 'HorizontalPodAutoscaler'),
    false,
  );
});

test('a number that somebody else set is not overwritten without a word', async () => {
  const cluster = await serving('r1');
  cluster.scale('r1', 4);
  await cluster.apply(
    made('autoscaling/v2', 'HorizontalPodAutoscaler', 'theirs', { scaleTargetRef: { name: 'r1' } }),
    { manager: 'somebody' },
  );
  await assert.rejects(applied(cluster, alone(rev('r1'))), { code: 'apply_conflict' });
  await applied(cluster, alone(rev('r1')), { force: true });
  assert.equal(replicasOf(cluster, 'r1'), 2);
});

test('what takes over all requests begins with as many pods as what it replaces', async () => {
  const cluster = new FakeCluster();
  await applied(cluster, alone({ name: 'r1', replicas: undefined }));
  cluster.scale('r1', 6);
  cluster.turn();
  let begun: number | undefined;
  cluster.written = ({ ref }) => {
    if (ref.kind === 'Deployment' && ref.name === 'r2') begun ??= replicasOf(cluster, 'r2');
  };
  await applied(cluster, alone({ name: 'r2', replicas: undefined }));
  assert.equal(begun, 6);
});

const revision = fc.record({
  name: fc.constantFrom('r1', 'r2', 'r3'),
  replicas: fc.constantFrom(1, 3, undefined),
});
const shape = fc.record({
  revisions: fc
    .uniqueArray(revision, { selector: ({ name }) => name, minLength: 1, maxLength: 2 })
    .map(found => found as [Revision, ...Revision[]]),
  route: fc.constantFrom<Shape['route']>('none', 'gateway', 'istio', 'builtin'),
});
const step = fc.record({
  shape,
  wait: fc.boolean(),
  /** Of the revisions that it brings along, whose pods never come up. */
  broken: fc.boolean(),
  /** Writes after which it is killed, at each attempt. */
  kills: fc.array(fc.nat(8), { maxLength: 3 }),
  /** Of what serves, one whose pods go away before it. */
  flap: fc.boolean(),
});

test('killed after any writes and run again, it never points to a revision without pods, and comes to its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), shape, async (steps, last) => {
      const cluster = new FakeCluster();
      const guard = new Guard(cluster);
      for (const one of steps) {
        cluster.startsIn = () => (one.broken ? undefined : 2);
        if (one.flap) for (const name of pointedTo(cluster)) cluster.setAvailable(name, false);
        for (const kill of [...one.kills, Number.POSITIVE_INFINITY]) {
          cluster.writesLeft = kill;
          await attempted(cluster, objectsOf(one.shape), one.wait);
        }
      }
      // Whatever was broken before has been mended.
      cluster.startsIn = () => 2;
      for (const name of ['r1', 'r2', 'r3', GATEWAY]) cluster.setAvailable(name, true);
      const objects = objectsOf(last);
      assert.equal((await applied(cluster, objects, { wait: true })).outcome, 'done');
      assert.deepEqual(keys(cluster.all()), keys(objects));
      assert.deepEqual(guard.faults, []);
    }),
    { numRuns: 100 },
  );
});

/** Runs it to its end, whichever that is: done, held, killed, or failed for want of pods. */
async function attempted(
  cluster: FakeCluster,
  objects: readonly WantedObject[],
  wait: boolean,
): Promise<void> {
  try {
    await applied(cluster, objects, { wait });
  } catch (error: unknown) {
    const isExpected = error instanceof AppError && error.code === 'rollout_failed';
    if (!isExpected && !(error instanceof Killed)) throw error;
  }
}

/** Looks at each write whether requests that had somewhere to go still have. */
class Guard {
  readonly faults: string[] = [];
  readonly #cluster: FakeCluster;
  readonly #served = new Set<string>();

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster;
    let wasFine = false;
    cluster.writing = () => {
      wasFine = this.#isFine();
    };
    cluster.written = write => this.#judge(write, wasFine);
  }

  #judge({ verb, ref: { kind, name } }: Write, wasFine: boolean): void {
    if (this.#isFine()) return;
    const isLost = verb === 'remove' && kind === 'Deployment' && this.#served.has(name);
    if (wasFine || isLost) this.faults.push(`${verb} ${kind} ${name}, of ${pointedTo(this.#cluster).join()}`);
  }

  #isFine(): boolean {
    const names = pointedTo(this.#cluster);
    const up = names.filter(name => podsOf(this.#cluster, name) > 0);
    for (const name of up) this.#served.add(name);
    return names.length > 0 && up.length === names.length;
  }
}

test('the guard of that property sees a pointer that is moved too early', async () => {
  const cluster = await serving('r1');
  const guard = new Guard(cluster);
  cluster.startsIn = () => undefined;
  for (const object of alone(rev('r2')).toSorted((a, b) => Number(isRoute(a)) - Number(isRoute(b))))
    await cluster.apply(object);
  assert.deepEqual(guard.faults, ['apply Service digits, of r2']);
});
