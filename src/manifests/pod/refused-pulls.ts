import { servedBy, urisOf } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { isAway, isPulling } from './away.ts';

/** What is said of pulling, where no pod of the file pulls anything, and of image volumes, where there is none. */
export function pullRefusals(release: Release): Refused[] {
  const { arms } = release;
  const isUsed = routerOf(release) === 'builtin' || arms.some(({ deployed }) => deployed.pulls.length > 0);
  return arms.flatMap(({ service }) => {
    const { cache, credentials, models, fairlead } = service.spec.kubernetes;
    const own = arms.filter(arm => arm.service.spec.kubernetes === service.spec.kubernetes);
    const refused: Refused[] = [];
    const idle = (field: string, why: string): number =>
      refused.push({ path: `spec.kubernetes.${field}`, problem: `has no effect: ${why}` });
    if (!own.some(isPulling)) {
      if (cache !== undefined) idle('cache', NOTHING_PULLED);
      if (credentials !== undefined) idle('credentials', NOTHING_PULLED);
    }
    if (models === 'volume' && !own.some(hasImageVolume)) idle('models', 'no model is of oci://');
    if (models === 'image' && own.every(hasPathsOnly))
      idle('models', 'every model is a path, and so in the image');
    if (fairlead !== undefined && !isUsed) idle('fairlead', NOBODY);
    return refused;
  });
}

const NOTHING_PULLED = 'all models are in the image or on a volume, and nothing is pulled';

const NOBODY =
  'there is no gateway of fairlead, and nothing is pulled for a server of others. What fairlead serves by itself runs spec.image';

function hasPathsOnly({ role, service }: PodArm): boolean {
  return urisOf(servedBy(service, role), 'spec', service.spec.runtime).every(({ uri }) => !isAway(uri));
}

function hasImageVolume({ deployed }: PodArm): boolean {
  return deployed.mounts.some(({ volume }) => 'image' in volume);
}
