/** Which nodes pods are placed on, and how they are spread over them. */
import { gpuPod } from '../gpu/pod.ts';
import type { Labels } from '../names.ts';
import type { PodArm } from '../release.ts';
import type { Tier } from '../workload/tiers.ts';
import { nodesOf, spotTolerations } from './machines.ts';

export function placementOf(arm: PodArm, tier: Tier, selector: Labels): object {
  const { kubernetes } = arm.service.spec;
  const gpu = gpuPod(arm);
  const nodeSelector = { ...gpu.nodeSelector, ...kubernetes.nodeSelector };
  const tolerations = [
    ...(gpu.tolerations ?? []),
    ...spotTolerations(arm, tier),
    ...kubernetes.tolerations.map(tolerationOf),
  ];
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    affinity: nodesOf(arm, tier),
    ...(tolerations.length > 0 && { tolerations }),
    topologySpreadConstraints: spreadOf(selector),
    priorityClassName: kubernetes.priorityClass,
    runtimeClassName: kubernetes.runtimeClass,
    resourceClaims: gpu.resourceClaims,
  };
}

type Written = PodArm['service']['spec']['kubernetes']['tolerations'][number];

export function tolerationOf({ key, value, effect }: Written): object {
  return { key, operator: value === undefined ? 'Exists' : 'Equal', value, effect };
}

/**
 * Over zones and nodes, as evenly as can be; a pod that fits nowhere better still runs. Pods of an older template are about to go, and
 * are not counted.
 */
export function spreadOf(matchLabels: Labels): object[] {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(topologyKey => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels },
    matchLabelKeys: ['pod-template-hash'],
  }));
}
