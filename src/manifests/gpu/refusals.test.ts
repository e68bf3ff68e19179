import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import type { PodArm, Release } from '../release.ts';
import { gpuRefusals } from './refusals.ts';

const onCuda = { runtime: { onnx: { provider: 'cuda' } } };
const withGpu = (gpu: object, more: object = {}) => ({ ...onCuda, ...more, resources: { gpu } });
const lines = (release: Release) => gpuRefusals(release).map(({ path, problem }) => `${path} ${problem}`);

const accepted: readonly (readonly [title: string, spec: object])[] = [
  ['no GPU and a model of the CPU', {}],
  ['a card for ONNX Runtime on CUDA', withGpu({ count: 1 })],
  [
    'a card for one model of two',
    {
      models: [
        { name: 'a', uri: 's3://b/a.onnx', runtime: { onnx: { provider: 'tensorrt' } } },
        { name: 'b', uri: 's3://b/b.onnx' },
      ],
      resources: { gpu: { count: 1 } },
    },
  ],
  [
    'a card for PyTorch',
    {
      model: { uri: 's3://b/m.pt' },
      runtime: { python: { device: 'cuda' } },
      resources: { gpu: { count: 1 } },
    },
  ],
  [
    "a card for an author's class",
    {
      model: { uri: 's3://b/m.safetensors' },
      runtime: { python: { class: 'm:M' } },
      resources: { gpu: { count: 1 } },
    },
  ],
  ['a card for Triton', { runtime: { triton: {} }, resources: { gpu: { count: 1 } } }],
  ['a card for a repository', { repository: { uri: 's3://b/all' }, resources: { gpu: { count: 1 } } }],
  ['no cards to be seen', { kubernetes: { env: { NVIDIA_VISIBLE_DEVICES: 'void' } } }],
  [
    'a client of MPS that takes less than its share',
    withGpu(
      { share: { mps: { replicas: 2 } } },
      { kubernetes: { env: { CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: '25' } } },
    ),
  ],
  [
    'a label that is the one that follows',
    withGpu(
      { share: { mps: { replicas: 2 } } },
      { kubernetes: { nodeSelector: { 'nvidia.com/device-plugin.config': 'mps2', pool: 'a' } } },
    ),
  ],
  [
    'one device for pods that are all on spot machines',
    withGpu({ claim: { shared: true } }, { replicas: 2, capacity: { spot: { cloud: 'eks', floor: 0 } } }),
  ],
];

for (const [title, spec] of accepted) {
  test(`Kubernetes can have ${title}`, () => {
    assert.deepEqual(lines(releaseOf(spec)), []);
  });
}

const refused: readonly (readonly [title: string, spec: object, problem: string | RegExp])[] = [
  [
    'a card that ONNX Runtime does not use',
    { resources: { gpu: { count: 1 } } },
    'spec.resources.gpu would stand idle: ONNX Runtime computes by cpu; set runtime.onnx.provider to cuda or tensorrt',
  ],
  [
    'a card that PyTorch does not use',
    { model: { uri: 's3://b/m.pt' }, resources: { gpu: { count: 1 } } },
    'spec.resources.gpu would stand idle: PyTorch computes on cpu; set runtime.python.device to cuda',
  ],
  [
    'a provider without a card',
    onCuda,
    'spec.runtime.onnx.provider finds no card in a pod that asks for none: say resources.gpu',
  ],
  [
    'a provider of one model without a card',
    { models: [{ name: 'a', uri: 's3://b/a.onnx', runtime: { onnx: { provider: 'cuda' } } }] },
    'spec.models[0].runtime.onnx.provider finds no card in a pod that asks for none: say resources.gpu',
  ],
  [
    'a device of PyTorch without a card',
    { model: { uri: 's3://b/m.pt', runtime: { python: { device: 'cuda:0' } } } },
    'spec.model.runtime.python.device finds no card in a pod that asks for none: say resources.gpu',
  ],
  [
    'a card by a variable',
    { kubernetes: { env: { NVIDIA_VISIBLE_DEVICES: 'all' } } },
    /^spec\.kubernetes\.env\.NVIDIA_VISIBLE_DEVICES is how the device plugin tells a pod its card/,
  ],
  [
    'no card by a variable beside one that is asked for',
    withGpu({ count: 1 }, { kubernetes: { env: { NVIDIA_VISIBLE_DEVICES: 'void' } } }),
    /^spec\.kubernetes\.env\.NVIDIA_VISIBLE_DEVICES is how/,
  ],
  [
    'a share by a variable that nobody reads',
    withGpu({ count: 1 }, { kubernetes: { env: { NVIDIA_MPS_ACTIVE_THREAD_PERCENTAGE: '50' } } }),
    'spec.kubernetes.env.NVIDIA_MPS_ACTIVE_THREAD_PERCENTAGE is read by nothing: say resources.gpu.share.mps',
  ],
  [
    'a share by a variable without a daemon',
    {
      runtime: { triton: { env: { CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: '50' } } },
      resources: { gpu: { count: 1 } },
    },
    'spec.runtime.triton.env.CUDA_MPS_ACTIVE_THREAD_PERCENTAGE has no effect where no control daemon of MPS runs: say resources.gpu.share.mps',
  ],
  [
    "the daemon's own folder",
    withGpu(
      { share: { mps: { replicas: 2 } } },
      { kubernetes: { env: { CUDA_MPS_PIPE_DIRECTORY: '/tmp/x' } } },
    ),
    'spec.kubernetes.env.CUDA_MPS_PIPE_DIRECTORY is set by the device plugin',
  ],
  [
    'a label of other nodes',
    withGpu(
      { share: { mps: { replicas: 2 } } },
      { kubernetes: { nodeSelector: { 'nvidia.com/device-plugin.config': 'mine' } } },
    ),
    "spec.kubernetes.nodeSelector.nvidia.com/device-plugin.config must be 'mps2', or be left out: it follows from resources.gpu",
  ],
  [
    'one device for two kinds of machines',
    withGpu({ claim: { shared: true } }, { replicas: 2, capacity: { spot: { cloud: 'eks' } } }),
    /^spec\.resources\.gpu\.claim\.shared keeps all pods on one node, and capacity\.spot divides them/,
  ],
  [
    'one device for too many pods',
    withGpu({ claim: { shared: true } }, { replicas: 257 }),
    'spec.resources.gpu.claim.shared can be used by 256 pods at most, and there may be 257',
  ],
  [
    'shares on nodes that nobody configures',
    withGpu(
      { share: { timeSlicing: { replicas: 2 } } },
      { replicas: 2, capacity: { spot: { cloud: 'gke-autopilot' } } },
    ),
    /^spec\.resources\.gpu\.share cannot be had on GKE Autopilot/,
  ],
];

for (const [title, spec, problem] of refused) {
  test(`Kubernetes cannot have ${title}`, () => {
    const found = lines(releaseOf(spec));
    assert.equal(found.length, 1, found.join('\n'));
    if (typeof problem === 'string') assert.equal(found[0], problem);
    else assert.match(found[0] ?? '', problem);
  });
}

test('what both arms of a file say is refused once', () => {
  const candidate = { model: { uri: './other' }, weight: 10 };
  const found = lines(releaseOf({ candidate, kubernetes: { env: { NVIDIA_VISIBLE_DEVICES: 'all' } } }));
  assert.equal(found.length, 1);
});

/** A candidate of another file. */
function beside(stable: object, candidate: object): Release {
  const [trial] = releaseOf(candidate).arms;
  const release = releaseOf(stable);
  const other: PodArm = { ...trial, role: 'candidate' };
  return { ...release, arms: [release.arms[0], other] };
}

const clashes: readonly (readonly [title: string, stable: object, candidate: object, modes: string])[] = [
  [
    'time slices and MPS',
    { share: { timeSlicing: { replicas: 2 } } },
    { share: { mps: { replicas: 2 } } },
    'mps2 ts2',
  ],
  [
    'time slices of two sizes',
    { share: { timeSlicing: { replicas: 2 } } },
    { share: { timeSlicing: { replicas: 4 } } },
    'ts4 ts2',
  ],
  ['a claim and whole cards', { claim: {} }, { count: 1 }, 'whole claim'],
  [
    'parts in two ways',
    { share: { mig: { profile: '1g.5gb' } } },
    { share: { mig: { profile: '1g.5gb', strategy: 'single' } }, product: 'NVIDIA-A100-SXM4-40GB' },
    'mig single mig mixed',
  ],
];

for (const [title, stable, candidate, modes] of clashes) {
  test(`the same nodes cannot give away ${title}`, () => {
    const [found = '', ...more] = lines(beside(withGpu(stable), withGpu(candidate)));
    const [, after, before] =
      /^spec\.resources\.gpu asks .* \(([^)]+)\) than .* \(([^)]+)\)/.exec(found) ?? [];
    assert.equal(`${after} ${before}`, modes);
    assert.deepEqual(more, []);
  });

  test(`nodes of their own give away ${title}`, () => {
    const on = (pool: string) => ({ kubernetes: { nodeSelector: { pool } } });
    assert.deepEqual(lines(beside(withGpu(stable, on('a')), withGpu(candidate, on('b')))), []);
  });
}

test('cards that are whole and parts of two sizes may be asked for of the same nodes', () => {
  const whole = withGpu({ count: 1 });
  const [one, two] = ['1g.5gb', '2g.10gb'].map(profile => withGpu({ share: { mig: { profile } } }));
  assert.deepEqual(lines(beside(whole, withGpu({ share: { mps: { replicas: 2 } } }))), []);
  assert.deepEqual(lines(beside(one ?? {}, two ?? {})), []);
});
