import { foreignKind, milliseconds, type Scaling } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { inFlightMetric } from './horizontal.ts';

export function scalingRefusals({ arms }: Release): Refused[] {
  const [stable] = arms;
  const { scaling } = stable.service.spec;
  if (scaling === undefined) return [];
  return [
    ...inFlightRefusals(stable, scaling),
    ...windowRefusals(scaling),
    ...queryRefusals(scaling),
    ...floorRefusals(stable, scaling),
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

/** On machines that stay there are as many pods as the file says, and on the others one at least. */
function floorRefusals(stable: PodArm, { min, max }: Scaling): Refused[] {
  const { cloud, floor = 1 } = stable.service.spec.capacity?.spot ?? {};
  if (cloud === undefined || floor === 0) return [];
  const lower = 'lower capacity.spot.floor, which is';
  if (min === 0)
    return [
      { path: 'spec.scaling.min', problem: `cannot be 0 beside pods that stay: ${lower} ${floor}, to 0` },
    ];
  if (max > floor) return [];
  const problem = `is ${max}, which leaves none for machines that are taken away: ${lower} ${floor}`;
  return [{ path: 'spec.scaling.max', problem }];
}
