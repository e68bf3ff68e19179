/** Variables that are taken for a way to share a card, and are none: they change what a process sees and not what the scheduler counts. */
import { foreignKind } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';

/** What a client of MPS may lower for itself below what the control daemon allows. */
const OF_CLIENT = [
  'CUDA_MPS_ACTIVE_THREAD_PERCENTAGE',
  'CUDA_MPS_PINNED_DEVICE_MEM_LIMIT',
  'CUDA_MPS_CLIENT_PRIORITY',
];

/** Hide cards, and give none. */
const NONE = ['void', 'none'];

export function strayVariables(arm: PodArm): Refused[] {
  const { kubernetes, runtime, resources } = arm.service.spec;
  const kind = foreignKind(runtime);
  const places = [
    { path: 'spec.kubernetes.env', env: kubernetes.env },
    { path: `spec.runtime.${kind}.env`, env: envOf(arm) },
  ];
  const context = { hasCard: resources.gpu !== undefined, hasMps: resources.gpu?.share?.mps !== undefined };
  return places.flatMap(({ path, env }) =>
    Object.entries(env).flatMap(([name, value]) => {
      const problem = problemOf(name, value, context);
      return problem === undefined ? [] : [{ path: `${path}.${name}`, problem }];
    }),
  );
}

function envOf({ service: { spec } }: PodArm): Readonly<Record<string, string>> {
  const { triton, custom } = spec.runtime;
  return (triton ?? custom)?.env ?? {};
}

interface Context {
  readonly hasCard: boolean;
  readonly hasMps: boolean;
}

function problemOf(name: string, value: string, { hasCard, hasMps }: Context): string | undefined {
  if (name === 'NVIDIA_VISIBLE_DEVICES' && (hasCard || !NONE.includes(value)))
    return 'is how the device plugin tells a pod its card; set by hand, it takes cards that the scheduler does not count: say resources.gpu';
  if (name.startsWith('NVIDIA_MPS_')) return 'is read by nothing: say resources.gpu.share.mps';
  if (!name.startsWith('CUDA_MPS_')) return undefined;
  if (!hasMps) return 'has no effect where no control daemon of MPS runs: say resources.gpu.share.mps';
  return OF_CLIENT.includes(name) ? undefined : 'is set by the device plugin';
}
