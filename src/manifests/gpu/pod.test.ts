import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { claimName } from './claim.ts';
import { gpuContainer, gpuPod } from './pod.ts';

const PRODUCT = 'NVIDIA-A100-SXM4-40GB';
const tolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }];

interface Case {
  readonly title: string;
  readonly gpu: object;
  readonly limits: object;
  readonly nodes?: object;
  readonly runAsUser?: number;
}

const cases: readonly Case[] = [
  { title: 'whole cards', gpu: { count: 2 }, limits: { 'nvidia.com/gpu': '2' } },
  {
    title: 'whole cards of a product',
    gpu: { count: 1, product: PRODUCT },
    limits: { 'nvidia.com/gpu': '1' },
    nodes: { 'nvidia.com/gpu.product': PRODUCT },
  },
  {
    title: 'a time slice',
    gpu: { share: { timeSlicing: { replicas: 4 } } },
    limits: { 'nvidia.com/gpu.shared': '1' },
    nodes: { 'nvidia.com/device-plugin.config': 'ts4' },
  },
  {
    title: 'a time slice of a product',
    gpu: { share: { timeSlicing: { replicas: 48 } }, product: PRODUCT },
    limits: { 'nvidia.com/gpu.shared': '1' },
    nodes: { 'nvidia.com/device-plugin.config': 'ts48', 'nvidia.com/gpu.product': PRODUCT },
  },
  {
    title: 'a share of MPS, of which all have one user',
    gpu: { share: { mps: { replicas: 3 } } },
    limits: { 'nvidia.com/gpu.shared': '1' },
    nodes: { 'nvidia.com/device-plugin.config': 'mps3' },
    runAsUser: 65_532,
  },
  {
    title: 'a part of a card that is cut in one way',
    gpu: { share: { mig: { profile: '1g.5gb', strategy: 'single' } }, product: PRODUCT },
    limits: { 'nvidia.com/gpu': '1' },
    nodes: { 'nvidia.com/gpu.product': `${PRODUCT}-MIG-1g.5gb` },
  },
  {
    title: 'a part of a card that is cut in several ways',
    gpu: { share: { mig: { profile: '2g.10gb' } } },
    limits: { 'nvidia.com/mig-2g.10gb': '1' },
  },
  {
    title: 'a part with engines for media, whose plus a label cannot have',
    gpu: { share: { mig: { profile: '1g.5gb+me' } }, product: PRODUCT },
    limits: { 'nvidia.com/mig-1g.5gb.me': '1' },
    nodes: { 'nvidia.com/mig-1g.5gb.me.product': `${PRODUCT}-MIG-1g.5gb.me` },
  },
];

for (const { title, gpu, limits, nodes, runAsUser } of cases) {
  test(`a pod has ${title}`, () => {
    const [arm] = releaseOf({ resources: { gpu } }).arms;
    assert.deepEqual(gpuContainer(arm), { limits });
    assert.deepEqual(gpuPod(arm), {
      ...(nodes && { nodeSelector: nodes }),
      tolerations,
      ...(runAsUser !== undefined && { runAsUser }),
    });
  });
}

test('a pod without a GPU says nothing of one', () => {
  const [arm] = releaseOf({}).arms;
  assert.deepEqual([gpuPod(arm), gpuContainer(arm)], [{}, {}]);
});

test('a pod with a claim has no limit beside it, which would count a card twice', () => {
  const [arm] = releaseOf({ resources: { gpu: { claim: { shared: true } } } }).arms;
  assert.deepEqual(gpuContainer(arm), { claims: [{ name: 'gpu', request: 'gpu' }] });
  assert.deepEqual(gpuPod(arm), {
    tolerations,
    resourceClaims: [{ name: 'gpu', resourceClaimName: claimName(arm) }],
  });
});

test('a pod with a device of its own names a template', () => {
  const [arm] = releaseOf({ resources: { gpu: { claim: {}, product: PRODUCT } } }).arms;
  assert.deepEqual(gpuPod(arm), {
    tolerations,
    resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: claimName(arm) }],
  });
});
