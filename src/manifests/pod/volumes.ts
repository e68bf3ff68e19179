import type { PodArm } from '../release.ts';
import { modelVolumes } from './model-volumes.ts';
import { pulledVolumes } from './pulled-volumes.ts';
import { secretVolumes } from './secret-volumes.ts';
import { settingVolume } from './setting-volumes.ts';
import { type Storage, together } from './storage.ts';
import { logVolume, temporaryVolume } from './written-volumes.ts';

/** All volumes of a pod. Its root file system is read-only, and nothing else is written. */
export function volumesOf(arm: PodArm): Storage {
  return together([
    temporaryVolume(arm),
    modelVolumes(arm),
    pulledVolumes(arm),
    settingVolume(arm),
    secretVolumes(arm),
    logVolume(arm),
  ]);
}
