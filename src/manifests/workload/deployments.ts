import { milliseconds } from '#spec';
import { type Labels, metaOf, revisionLabels, selectorOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { templateOf } from '../pod/template.ts';
import type { PodArm, Release } from '../release.ts';
import { tiersOf } from './tiers.ts';

/**
 * Tells the Deployments of a revision apart. It is on all pods, and not only where there are two kinds: what a Deployment selects can
 * never change, and spot machines may be said of a revision that runs.
 */
const TIER = 'fairlead.dev/tier';

/** Seconds that a new pod must stay ready before an old one goes for it. */
const STEADY = 5;
/** ReplicaSets of older templates that are kept. What is rolled back to is another revision, with a Deployment of its own. */
const HISTORY = 2;
/** Seconds for a node to be found and the image to come there, beside the time that pods have themselves. */
const TO_PLACE = 120;

/** The Deployments of a revision, one for each tier. Without `replicas` where an autoscaler says them. */
export function workloadsOf(release: Release, arm: PodArm): KubeObject[] {
  return tiersOf(arm).map(tier => {
    const selector: Labels = { ...selectorOf(release, arm), [TIER]: tier.kind };
    const labels: Labels = { ...revisionLabels(release, arm), [TIER]: tier.kind };
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metaOf(release, tier.name, labels),
      spec: {
        replicas: tier.replicas,
        revisionHistoryLimit: HISTORY,
        progressDeadlineSeconds: deadlineOf(arm),
        minReadySeconds: STEADY,
        strategy: { type: 'RollingUpdate', rollingUpdate: surgeOf(arm) },
        selector: { matchLabels: selector },
        template: templateOf(release, arm, tier, selector),
      },
    };
  });
}

/** The startup's time counts for what is pulled, and again for what is loaded. */
function deadlineOf({ service }: PodArm): number {
  const startup = Math.ceil(milliseconds(service.spec.kubernetes.startup) / 1000);
  return TO_PLACE + 2 * startup + STEADY;
}

/** Whether a new pod comes before an old one goes. A quarter of them, and one at least, as Kubernetes rounds it up. */
function surgeOf({ service: { spec } }: PodArm): object {
  const { surge } = spec.kubernetes;
  const isAfter = surge === 'after' || (surge === 'auto' && spec.resources.gpu !== undefined);
  return isAfter ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: '25%', maxUnavailable: 0 };
}
