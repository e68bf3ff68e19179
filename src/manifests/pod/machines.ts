/** How clouds mark machines that are taken away at short notice: labels of nodes, and taints where they set them by themselves. */
import type { PodArm } from '../release.ts';
import type { Tier } from '../workload/tiers.ts';

interface Mark {
  readonly label: string;
  readonly value: string;
  readonly isTainted: boolean;
}

type Cloud = NonNullable<NonNullable<NonNullable<PodArm['service']['spec']['capacity']>['spot']>['cloud']>;

const ofGke: Mark = { label: 'cloud.google.com/gke-spot', value: 'true', isTainted: true };
/** EKS' node groups have a label of their own; its Auto Mode and Azure's node provisioning are Karpenter. */
const marks: Readonly<Record<Cloud, Mark>> = {
  eks: { label: 'eks.amazonaws.com/capacityType', value: 'SPOT', isTainted: false },
  karpenter: { label: 'karpenter.sh/capacity-type', value: 'spot', isTainted: false },
  gke: ofGke,
  'gke-autopilot': ofGke,
  aks: { label: 'kubernetes.azure.com/scalesetpriority', value: 'spot', isTainted: true },
};

/** Undefined where the file says no cloud. */
export function spotMark({ service }: PodArm): Mark | undefined {
  const { cloud } = service.spec.capacity?.spot ?? {};
  return cloud === undefined ? undefined : marks[cloud];
}

/** Pods of a floor are kept off machines that go, whatever else those that stay are called. */
export function nodesOf(arm: PodArm, { kind }: Tier): object | undefined {
  const mark = spotMark(arm);
  if (mark === undefined) return undefined;
  const operator = kind === 'spot' ? 'In' : 'NotIn';
  const terms = [{ matchExpressions: [{ key: mark.label, operator, values: [mark.value] }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
}

/** What lets a pod onto machines of this kind. */
export function spotTolerations(arm: PodArm, { kind }: Tier): object[] {
  const mark = spotMark(arm);
  if (mark === undefined || !mark.isTainted || kind === 'steady') return [];
  return [{ key: mark.label, operator: 'Equal', value: mark.value, effect: 'NoSchedule' }];
}
