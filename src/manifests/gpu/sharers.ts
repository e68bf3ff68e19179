/** How many pods of a revision there may be. */
import type { PodArm } from '../release.ts';
import { type Tier, tiersOf } from '../workload/tiers.ts';

export function mostPods(arm: PodArm): number {
  return tiersOf(arm).reduce((sum, tier) => sum + mostOf(tier), 0);
}

/** Whether they may be on two kinds of machines at once. */
export function isDivided(arm: PodArm): boolean {
  return tiersOf(arm).filter(tier => mostOf(tier) > 0).length > 1;
}

function mostOf({ replicas = 0, scaled }: Tier): number {
  return scaled?.max ?? replicas;
}
