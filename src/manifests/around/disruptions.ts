import { metaOf, revisionLabels, selectorOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { PodArm, Release } from '../release.ts';

/**
 * How many pods of a revision a drain of nodes may take at once, whichever Deployment they are of. A part of them is rounded up, so
 * that it is one at least and no drain ever waits for good: with minAvailable, or none, a single pod would block its node.
 * Source: kubernetes, pkg/controller/disruption.
 */
export function disruptionsOf(release: Release, arm: PodArm): KubeObject[] {
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metaOf(release, arm.deployed.revision.name, revisionLabels(release, arm)),
      spec: {
        maxUnavailable: '25%',
        // A pod that is not ready serves nobody: it may go, or it would keep its node for ever.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selectorOf(release, arm) },
      },
    },
  ];
}
