import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { tiersOf } from '../workload/tiers.ts';
import { endingOf, isOverlong, type Overlong } from './ending.ts';

/**
 * A grace that is longer than what is left when a machine is taken away. It is not shortened: what a server is told is what the file
 * says.
 */
export function endingRefusals(arm: PodArm): Refused[] {
  const file = arm.mounted.some(({ field }) => field === 'capacity.spot.notice.file');
  const noticed: Refused[] = file
    ? [
        {
          path: 'spec.capacity.spot.notice.file',
          problem:
            'has no effect on Kubernetes: a pod on a machine that is taken away is told to end, and drains within notice.budget',
        },
      ]
    : [];
  const overlong = tiersOf(arm)
    .map(tier => endingOf(arm, tier))
    .find(isOverlong);
  return overlong === undefined ? noticed : [...noticed, refusalOf(arm, overlong)];
}

function refusalOf({ service: { spec } }: PodArm, { budget, fits }: Overlong): Refused {
  const { drain } = spec.server;
  if (fits < 1)
    return {
      path: 'spec.capacity.spot.notice.budget',
      problem: `leaves nothing of its ${budget}s to finish what is in flight: balancers need ${budget - fits}s to take notice`,
    };
  return {
    path: 'spec.server.drain.grace',
    problem: `is ${drain.grace}, and a pod has ${budget}s in all once its machine is taken away: at most ${fits}s fit, after what balancers need to take notice`,
  };
}
