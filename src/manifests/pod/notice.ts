/** How long a pod has to end where its machine is taken away. */
import { milliseconds } from '#spec';
import type { PodArm } from '../release.ts';
import type { Tier } from '../workload/tiers.ts';

/**
 * Seconds of each cloud, a little less than it gives: AWS two minutes; GKE 15 s of its 30 for pods like these, and its Autopilot no
 * longer grace than 25 s; Azure 30 s.
 */
const BUDGETS = { eks: 110, karpenter: 110, gke: 15, 'gke-autopilot': 25, aks: 25 } as const;

/** Seconds from the notice to the exit; undefined for machines that stay. */
export function budgetOf({ service }: PodArm, { kind }: Tier): number | undefined {
  const { cloud, notice } = service.spec.capacity?.spot ?? {};
  // Without a cloud nothing tells the two kinds of machines apart.
  if (cloud !== undefined && kind === 'steady') return undefined;
  const said = notice === undefined ? [] : [Math.floor(milliseconds(notice.budget) / 1000)];
  const known = [...said, ...(cloud === undefined ? [] : [BUDGETS[cloud]])];
  return known.length === 0 ? undefined : Math.min(...known);
}
