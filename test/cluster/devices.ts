/**
 * Devices by claims. The scheduler chooses them by the expressions of a claim, from what a driver has published; no driver is here, so
 * that what one would publish is written by hand, and pods wait on their node for it to hand the device over.
 */
import assert from 'node:assert/strict';
import { type Asking, askingPod, claimObjects } from './gpu-pod.ts';
import type { Cluster } from './kubectl.ts';
import { scheduled, unscheduled } from './scheduled.ts';

const DRIVER = 'gpu.nvidia.com';
const SLICE = 'fairlead-simulated';
const PRODUCT = 'NVIDIA-A100-SXM4-40GB';

const deviceClass = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: DRIVER },
  spec: { selectors: [{ cel: { expression: `device.driver == '${DRIVER}'` } }] },
};

/** Products are called as the driver does, with spaces. */
const slice = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: { name: SLICE },
  spec: {
    driver: DRIVER,
    allNodes: true,
    pool: { name: SLICE, generation: 1, resourceSliceCount: 1 },
    devices: [
      device('small', 'NVIDIA A100-SXM4-40GB', '5Gi'),
      device('other', 'Tesla T4', '40Gi'),
      device('right', 'NVIDIA A100-SXM4-40GB', '40Gi'),
    ],
  },
};

function device(name: string, product: string, memory: string): object {
  return {
    name,
    attributes: { productName: { string: product }, type: { string: 'gpu' } },
    capacity: { memory: { value: memory } },
  };
}

export async function devicesInPods(cluster: Cluster, image: string): Promise<void> {
  if ((await cluster.run(['get', 'deviceclass', DRIVER, '--ignore-not-found', '-o', 'name'])) !== '') {
    say(`claims: skipped, since this cluster has devices of its own of the class ${DRIVER}`);
    return;
  }
  try {
    await ownDevices(cluster, image);
    await oneDevice(cluster, image);
  } finally {
    await cluster.run(['delete', 'pods', '--all', '--wait=true']);
    await cluster.run(['delete', 'resourceslice', SLICE, '--ignore-not-found']);
    await cluster.run(['delete', 'deviceclass', DRIVER, '--ignore-not-found']);
  }
}

/** A template: of three devices one is right, so one pod has it and the next one waits. */
async function ownDevices(cluster: Cluster, image: string): Promise<void> {
  const asking = { image, gpu: { claim: {}, product: PRODUCT, memory: '9Gi' } };
  await claim(cluster, asking);
  await cluster.apply(askingPod({ ...asking, name: 'own-1' }));
  const without = await unscheduled(cluster, 'own-1');
  say(`claims: without a driver a pod waits: ${without}`);
  await cluster.apply(deviceClass);
  await cluster.apply(slice);
  await scheduled(cluster, 'own-1');
  await cluster.apply(askingPod({ ...asking, name: 'own-2' }));
  const why = await unscheduled(cluster, 'own-2');
  assert.deepEqual(await allocated(cluster), [{ device: 'right', users: 1 }]);
  say(`claims: the device of product and memory is given to one pod, and the next one waits: ${why}`);
  await cluster.run(['delete', 'pods', '--all', '--wait=true']);
}

/** A claim: all pods have the one device. */
async function oneDevice(cluster: Cluster, image: string): Promise<void> {
  const gpu = { claim: { shared: true }, product: PRODUCT, memory: '9Gi' };
  const asking = { image, gpu, replicas: 2 };
  await claim(cluster, asking);
  for (const name of ['shared-1', 'shared-2']) {
    await cluster.apply(askingPod({ ...asking, name }));
    await scheduled(cluster, name);
  }
  assert.deepEqual(await allocated(cluster), [{ device: 'right', users: 2 }]);
  say('claims: two pods share one device by a claim');
}

async function claim(cluster: Cluster, asking: Omit<Asking, 'name'>): Promise<void> {
  for (const object of claimObjects(asking))
    await cluster.run(['create', '--validate=strict', '-f', '-'], JSON.stringify(object));
}

interface Claim {
  readonly status?: {
    readonly allocation?: { readonly devices: { readonly results: readonly { readonly device: string }[] } };
    readonly reservedFor?: readonly unknown[];
  };
}

/** Of each claim that has one: its device, and how many pods use it. */
async function allocated(cluster: Cluster): Promise<{ device: string | undefined; users: number }[]> {
  const { items } = JSON.parse(await cluster.run(['get', 'resourceclaims', '-o', 'json'])) as {
    items: readonly Claim[];
  };
  return items.flatMap(({ status: { allocation, reservedFor = [] } = {} }) =>
    allocation === undefined
      ? []
      : [{ device: allocation.devices.results[0]?.device, users: reservedFor.length }],
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
