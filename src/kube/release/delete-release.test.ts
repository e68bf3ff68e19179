import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeCluster } from '../fixtures/fake-cluster.ts';
import { applied, made, objectsOf, passing, SERVICE } from '../fixtures/releases.ts';
import { type DeleteReleaseOptions, deleteRelease } from './delete-release.ts';
import { releaseLine } from './progress.ts';

async function deployed(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await applied(cluster, objectsOf({ revisions: [{ name: 'r1', replicas: undefined }], route: 'gateway' }));
  return cluster;
}

async function deleted(cluster: FakeCluster, options: Partial<DeleteReleaseOptions> = {}) {
  const lines: string[] = [];
  const count = await deleteRelease(SERVICE, cluster, {
    wait: true,
    timeoutMs: 5_000,
    tell: progress => lines.push(releaseLine(progress)),
    ...passing(cluster),
    ...options,
  });
  return { count, lines };
}

test('a service goes from the front: routes, autoscalers, pods, and what they needed', async () => {
  const { count, lines } = await deleted(await deployed());
  assert.equal(count, 5);
  assert.deepEqual(lines, [
    'HTTPRoute digits deleted',
    'Service digits deleted',
    'HorizontalPodAutoscaler r1 deleted',
    'Deployment r1 deleted',
    'Service r1 deleted',
  ]);
});

test('nothing else goes: neither of other services nor what others put there with the same labels', async () => {
  const cluster = await deployed();
  await cluster.apply(made('v1', 'ConfigMap', 'theirs', {}), { manager: 'argocd-controller' });
  await cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'other', labels: {} } });
  await deleted(cluster);
  assert.deepEqual(
    cluster.all().map(({ metadata }) => metadata.name),
    ['theirs', 'other'],
  );
});

test('a service that is not there is no error', async () => {
  assert.deepEqual(await deleted(new FakeCluster()), { count: 0, lines: [] });
});

test('stopped in the middle, it goes on with what is left', async () => {
  const cluster = await deployed();
  cluster.writesLeft = 2;
  await assert.rejects(deleted(cluster));
  cluster.writesLeft = 100;
  assert.equal((await deleted(cluster)).count, 2);
  assert.deepEqual(cluster.all(), []);
});

test('what does not end in time is named', async () => {
  const cluster = await deployed();
  cluster.remove = () => Promise.resolve(true);
  await assert.rejects(deleted(cluster), {
    code: 'rollout_failed',
    message: /^HTTPRoute digits is not gone in time, and so are 4 more; /,
  });
});
