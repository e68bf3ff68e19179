import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';

/** What is said of pulling, where no pod of the file pulls anything, and of image volumes, where there is none. */
export function pullRefusals(release: Release): Refused[] {
  const { arms } = release;
  const idle = arms.flatMap(({ service }) => {
    const { cache, credentials, models } = service.spec.kubernetes;
    const own = arms.filter(arm => arm.service.spec.kubernetes === service.spec.kubernetes);
    const refused: Refused[] = [];
    const refuse = (field: string, why: string): number =>
      refused.push({ path: `spec.kubernetes.${field}`, problem: `has no effect: ${why}` });
    if (!own.some(isPulling)) {
      if (cache !== undefined) refuse('cache', NOTHING_PULLED);
      if (credentials !== undefined) refuse('credentials', NOTHING_PULLED);
    }
    if (models === 'volume' && !own.some(hasImageVolume)) refuse('models', 'no model is of oci://');
    return refused;
  });
  return [...idle, ...idleImage(release)];
}

/** Fairlead's own image runs nothing but its gateway, and what pulls for servers of others. */
function idleImage(release: Release): Refused[] {
  const [stable] = release.arms;
  if (stable.service.spec.kubernetes.fairlead === undefined || routerOf(release) === 'builtin') return [];
  if (release.arms.some(({ deployed }) => deployed.pulls.length > 0)) return [];
  return [{ path: 'spec.kubernetes.fairlead', problem: NOTHING_RUN }];
}

const NOTHING_RUN =
  "has no effect: fairlead's own gateway does not run here, and nothing is pulled for a server of others (image is what pods of fairlead's own server run)";

const NOTHING_PULLED = 'all models are in the image or on a volume, and nothing is pulled';

function isPulling({ deployed }: PodArm): boolean {
  return deployed.isPulled || deployed.pulls.length > 0;
}

function hasImageVolume({ deployed }: PodArm): boolean {
  return deployed.mounts.some(({ volume }) => 'image' in volume);
}
