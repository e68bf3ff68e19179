/** What changes the number of a revision's pods. Its Deployment then says no number: each apply would take back what was decided. */
import { metaOf, revisionLabels } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { PodArm, Release } from '../release.ts';
import { type Tier, tiersOf } from '../workload/tiers.ts';
import { horizontalSpec } from './horizontal.ts';
import { kedaSpec } from './keda.ts';

/**
 * One for each revision, so that a candidate on trial grows with its own share: the stable one loses none of its pods to it, and
 * an average over the pods of both would tell nothing of either. With a floor of pods that stay, only the others are scaled. What is
 * measured in pods is right for them all the same, since requests spread evenly over both. What comes from outside (`external`,
 * `prometheus`) is of the service as a whole, and each is made large enough for all of it: the floor, and a candidate, come on top.
 */
export function autoscalersOf(release: Release, arm: PodArm): KubeObject[] {
  return tiersOf(arm).flatMap(tier => autoscalerOf(release, arm, tier) ?? []);
}

function autoscalerOf(release: Release, arm: PodArm, { name, scaled }: Tier): KubeObject | undefined {
  const { scaling } = arm.service.spec;
  if (scaled === undefined || scaling === undefined) return undefined;
  const metadata = metaOf(release, name, revisionLabels(release, arm));
  const { prometheus } = scaling;
  if (prometheus !== undefined) {
    const spec = kedaSpec(scaling, prometheus, { name, ...scaled, kept: keptBeside(arm) });
    return { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata, spec };
  }
  const spec = horizontalSpec(arm, scaling, { name, ...scaled });
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec };
}

/** Pods of the revision that no autoscaler changes. */
function keptBeside(arm: PodArm): number {
  return tiersOf(arm).reduce((sum, { replicas = 0 }) => sum + replicas, 0);
}
