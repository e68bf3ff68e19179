/** How the pods of a revision are divided between machines that stay and machines that are taken away at short notice. */
import type { PodArm } from '../release.ts';

/** A Deployment of a revision. */
export interface Tier {
  /** Of the Deployment. */
  readonly name: string;
  readonly kind: 'steady' | 'spot';
  /** Undefined where an autoscaler says it. */
  readonly replicas: number | undefined;
  /** What the autoscaler keeps to; undefined where there is none. */
  readonly scaled: { readonly min: number; readonly max: number } | undefined;
}

/**
 * One, or with spot machines two: a floor that stays as it is, and the rest, which the autoscaler changes. Only two Deployments
 * guarantee a floor; a preference of nodes guarantees none.
 */
export function tiersOf(arm: PodArm): readonly [Tier, ...Tier[]] {
  const { revision } = arm.deployed;
  const { scaling, capacity } = arm.service.spec;
  const { cloud, floor = 1 } = capacity?.spot ?? {};
  const range = isStill(arm) ? undefined : scaling && { min: arm.replicas, max: scaling.max };
  const whole = { name: revision.name, replicas: range ? undefined : arm.replicas, scaled: range };
  if (cloud === undefined) return [{ ...whole, kind: 'steady' }];
  const spot = { name: `${revision.name}-spot`, kind: 'spot' } as const;
  if (floor === 0) return [{ ...whole, ...spot }];
  const kept = Math.min(floor, arm.replicas);
  const steady: Tier = { name: revision.name, kind: 'steady', replicas: kept, scaled: undefined };
  if (range === undefined) return [steady, { ...spot, replicas: arm.replicas - kept, scaled: undefined }];
  const scaled = { min: Math.max(1, range.min - kept), max: Math.max(1, range.max - kept) };
  return [steady, { ...spot, replicas: undefined, scaled }];
}

/** A candidate that is to have no pods has no autoscaler: that would begin with one, and most take no 0. */
function isStill({ role, service: { spec } }: PodArm): boolean {
  return role === 'candidate' && spec.candidate?.replicas === 0;
}
