import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';

/** What is said of pulling, where no pod of the file pulls anything, and of image volumes, where there is none. */
export function pullRefusals({ arms }: Release): Refused[] {
  return arms.flatMap(({ service }) => {
    const { cache, credentials, models } = service.spec.kubernetes;
    const own = arms.filter(arm => arm.service.spec.kubernetes === service.spec.kubernetes);
    const refused: Refused[] = [];
    const idle = (field: string, why: string): number =>
      refused.push({ path: `spec.kubernetes.${field}`, problem: `has no effect: ${why}` });
    if (!own.some(isPulling)) {
      if (cache !== undefined) idle('cache', NOTHING_PULLED);
      if (credentials !== undefined) idle('credentials', NOTHING_PULLED);
    }
    if (models === 'volume' && !own.some(hasImageVolume)) idle('models', 'no model is of oci://');
    return refused;
  });
}

const NOTHING_PULLED = 'all models are in the image or on a volume, and nothing is pulled';

function isPulling({ deployed }: PodArm): boolean {
  return deployed.isPulled || deployed.pulls.length > 0;
}

function hasImageVolume({ deployed }: PodArm): boolean {
  return deployed.mounts.some(({ volume }) => 'image' in volume);
}
