/** Where models are that are pulled before a server starts: in a cache, and for a server of others in folders of their own. */
import { CACHE, MODELS, memoryBytes } from '#spec';
import type { PodArm } from '../release.ts';
import { isPulling } from './away.ts';
import { mebibytes } from './quantity.ts';
import { type Mount, nothing, type Storage, type Volume } from './storage.ts';
import { USUAL_CACHE } from './variables.ts';

export function pulledVolumes(arm: PodArm): Storage {
  const { isPulled, pulls } = arm.deployed;
  if (!isPulling(arm)) return nothing;
  const cache = { name: 'cache', mountPath: CACHE };
  const cached = { volumes: [cacheVolume(arm)], server: [], init: [cache] };
  if (isPulled) return { ...cached, server: [cache] };
  return {
    volumes: [...cached.volumes, { name: 'models', emptyDir: emptyDirOf(arm) }],
    server: pulls.map(({ to }) => folderMount(to)),
    init: [...cached.init, { name: 'models', mountPath: MODELS }],
  };
}

/** Each folder by itself, for beside it the image may have models too. */
function folderMount(to: string): Mount {
  const subPath = to.slice(MODELS.length + 1);
  return { name: 'models', mountPath: to, ...(subPath !== '' && { subPath }), readOnly: true };
}

function cacheVolume(arm: PodArm): Volume {
  const { claim } = arm.service.spec.kubernetes.cache ?? {};
  return claim === undefined
    ? { name: 'cache', emptyDir: emptyDirOf(arm) }
    : { name: 'cache', persistentVolumeClaim: { claimName: claim } };
}

/** A tenth more than models may take: whoever exceeds it is evicted, and what the cache keeps beside them counts. */
function emptyDirOf({ service: { spec } }: PodArm): object {
  const { cache } = spec.kubernetes;
  if (cache?.claim !== undefined) return {};
  return { sizeLimit: mebibytes(memoryBytes(cache?.size ?? USUAL_CACHE) * 1.1) };
}
