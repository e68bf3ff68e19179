/** What a file says of GPUs and Kubernetes cannot honour. What contradicts itself wherever it runs, the file's schema refuses. */
import type { GpuOptions } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { configName, sharingOf } from './cards.ts';
import { gpuPod } from './pod.ts';
import { isDivided, mostPods } from './sharers.ts';
import { needlessCard, noCard } from './use.ts';
import { strayVariables } from './variables.ts';

const GPU = 'spec.resources.gpu';

export function gpuRefusals(release: Release): Refused[] {
  const ofArms = release.arms.flatMap(arm => [
    ...needlessCard(arm),
    ...noCard(arm),
    ...strayVariables(arm),
    ...takenLabels(arm),
    ...unbindable(arm),
    ...unmanaged(arm),
  ]);
  return distinct([...ofArms, ...mixed(release)]);
}

/** Both arms of one file say the same of GPUs. */
function distinct(refused: readonly Refused[]): Refused[] {
  return [...new Map(refused.map(one => [`${one.path} ${one.problem}`, one])).values()];
}

function takenLabels(arm: PodArm): Refused[] {
  const { nodeSelector } = arm.service.spec.kubernetes;
  return Object.entries(gpuPod(arm).nodeSelector ?? {})
    .filter(([key, value]) => (nodeSelector[key] ?? value) !== value)
    .map(([key, value]) => ({
      path: `spec.kubernetes.nodeSelector.${key}`,
      problem: `must be '${value}', or be left out: it follows from resources.gpu`,
    }));
}

/** What one object counts of pods that use it (`status.reservedFor` of a ResourceClaim). */
const MOST_USERS = 256;

/** One device is on one node. */
function unbindable(arm: PodArm): Refused[] {
  const { gpu } = arm.service.spec.resources;
  const path = `${GPU}.claim.shared`;
  if (gpu?.claim?.shared !== true) return [];
  const divided =
    'keeps all pods on one node, and capacity.spot divides them between machines that stay and others; set its floor to 0';
  const many = `can be used by ${MOST_USERS} pods at most, and there may be ${mostPods(arm)}`;
  return [
    ...(isDivided(arm) ? [{ path, problem: divided }] : []),
    ...(mostPods(arm) > MOST_USERS ? [{ path, problem: many }] : []),
  ];
}

/** There, nobody but Google labels nodes or configures their device plugin. */
function unmanaged(arm: PodArm): Refused[] {
  const { resources, capacity } = arm.service.spec;
  if (resources.gpu?.share === undefined || capacity?.spot?.cloud !== 'gke-autopilot') return [];
  return [
    {
      path: `${GPU}.share`,
      problem: 'cannot be had on GKE Autopilot, whose nodes take no configuration of the device plugin',
    },
  ];
}

/** A node gives its cards away in one way; the device plugin and the driver of claims do not stand beside each other. */
function mixed({ arms }: Release): Refused[] {
  const [stable, candidate] = arms;
  const [mine, other] = [stable, candidate].map(arm => arm?.service.spec.resources.gpu);
  if (mine === undefined || other === undefined || !areOnOnePool(stable, candidate)) return [];
  const [before, after] = [modeOf(mine), modeOf(other)];
  const isClash = before !== after && (after === 'claim' || before === 'claim' || bothShare(mine, other));
  if (!isClash) return [];
  const problem = `asks for cards in another way (${after}) than the stable revision (${before}), on the same nodes: a node gives them away in one way, so give each a kubernetes.nodeSelector of its own`;
  return [{ path: GPU, problem }];
}

function bothShare(one: GpuOptions, other: GpuOptions): boolean {
  return one.share !== undefined && other.share !== undefined;
}

function modeOf(gpu: GpuOptions): string {
  const sharing = sharingOf(gpu);
  if (sharing !== undefined) return configName(sharing);
  if (gpu.share?.mig !== undefined) return `mig ${gpu.share.mig.strategy}`;
  return gpu.claim === undefined ? 'whole' : 'claim';
}

function areOnOnePool(...pair: readonly (PodArm | undefined)[]): boolean {
  const [one, other] = pair.map(arm => Object.entries(arm?.service.spec.kubernetes.nodeSelector ?? {}));
  const theirs = new Map(other);
  return (one ?? []).every(([key, value]) => (theirs.get(key) ?? value) === value);
}
