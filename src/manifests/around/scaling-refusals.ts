import { foreignKind, milliseconds, type Scaling } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { inFlightMetric } from './horizontal.ts';

export function scalingRefusals({ arms }: Release): Refused[] {
  const [stable, trial] = arms;
  const { scaling } = stable.service.spec;
  if (scaling === undefined) return [];
  return [
    ...inFlightRefusals(stable, scaling),
    ...windowRefusals(scaling),
    ...queryRefusals(scaling),
    ...rangeRefusals(stable, scaling),
    ...trialRefusals(trial),
  ];
}

function inFlightRefusals(arm: PodArm, { inFlight }: Scaling): Refused[] {
  if (inFlight === undefined || inFlightMetric(arm) !== undefined) return [];
  const isServing = foreignKind(arm.service.spec.runtime) === 'tensorflowServing';
  const whose = isServing ? 'TensorFlow Serving has' : 'a server of your own has';
  const problem = `cannot be measured: ${whose} no known metric of it; scale by cpu, external or prometheus`;
  return [{ path: 'spec.scaling.inFlight', problem }];
}

/** What an autoscaler remembers, autoscaling/v2: at most an hour. */
const LONGEST = 3600;

function windowRefusals({ up, down }: Scaling): Refused[] {
  const windows = { up: up.window, down: down.window };
  return Object.entries(windows).flatMap(([side, text]) => {
    const seconds = milliseconds(text) / 1000;
    const path = `spec.scaling.${side}.window`;
    if (!Number.isInteger(seconds)) return [{ path, problem: `is ${text}, and must be whole seconds` }];
    return seconds > LONGEST ? [{ path, problem: `is ${text}, and can be 1h at most` }] : [];
  });
}

function queryRefusals({ min, max, prometheus }: Scaling): Refused[] {
  const { activation = 0, fallback } = prometheus ?? {};
  const at = 'spec.scaling.prometheus';
  const refused: Refused[] = [];
  if (activation > 0 && min > 0)
    refused.push({
      path: `${at}.activation`,
      problem: `has no effect where min is ${min}: there is always a pod`,
    });
  if (fallback !== undefined && (fallback < min || fallback > max))
    refused.push({
      path: `${at}.fallback`,
      problem: `is ${fallback}, and must be from min (${min}) to max (${max})`,
    });
  return refused;
}

/**
 * An autoscaler needs a number to go to. On machines that stay there are as many pods as the file says, and on the others one at
 * least.
 */
function rangeRefusals(stable: PodArm, { min, max }: Scaling): Refused[] {
  const { cloud, floor = 1 } = stable.service.spec.capacity?.spot ?? {};
  const path = 'spec.scaling.max';
  if (cloud === undefined || floor === 0)
    return min < max ? [] : [{ path, problem: `is ${max}, as min is: say replicas, and no scaling` }];
  const lower = 'lower capacity.spot.floor, which is';
  if (min === 0)
    return [
      { path: 'spec.scaling.min', problem: `cannot be 0 beside pods that stay: ${lower} ${floor}, to 0` },
    ];
  const least = Math.max(min, Math.min(floor, min) + 1);
  if (max > least && max > floor) return [];
  const problem = `is ${max}, and there are ${least} pods at least beside which nothing is left to scale: raise it, or ${lower} ${floor}`;
  return [{ path, problem }];
}

/** Its own number is what it begins with. */
function trialRefusals(trial: PodArm | undefined): Refused[] {
  const { candidate, scaling } = trial?.service.spec ?? {};
  if (candidate === undefined || scaling === undefined || candidate.replicas < scaling.max) return [];
  const problem = `is ${candidate.replicas}, and must be less than scaling.max (${scaling.max}), up to which it is scaled`;
  return [{ path: 'spec.candidate.replicas', problem }];
}
