/** How many pods of a revision there may be. */
import type { PodArm } from '../release.ts';
import { tiersOf } from '../workload/tiers.ts';

export function mostPods(arm: PodArm): number {
  return tiersOf(arm).reduce((sum, { replicas = 0, scaled }) => sum + (scaled?.max ?? replicas), 0);
}
