/** Without a router the split is that of the pods: a weight that they do not come near would be a promise that nobody keeps. */
import type { Refused } from '../refused.ts';
import type { Release } from '../release.ts';

/** Percent by which pods may miss a weight. */
const NEAR = 5;

export function podShareRefusals({ arms: [stable, candidate] }: Release): Refused[] {
  if (candidate === undefined) return [];
  if (stable.service.spec.scaling !== undefined)
    return [
      {
        path: 'spec.traffic.replicas',
        problem:
          'cannot stand beside scaling and a candidate: the split would change with the number of pods',
      },
    ];
  const all = stable.replicas + candidate.replicas;
  const given = all === 0 ? 0 : (100 * candidate.replicas) / all;
  if (Math.abs(given - candidate.weight) <= NEAR) return [];
  const counted = `${candidate.replicas} of ${all} pods`;
  const problem = `is ${candidate.weight}, and with traffic.replicas the candidate gets ${Math.round(given)} % of the requests, having ${counted}`;
  return [{ path: 'spec.candidate.weight', problem }];
}
