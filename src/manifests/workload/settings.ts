import { metaOf, revisionLabels } from '../names.ts';
import type { KubeObject } from '../object.ts';
import { settingsIn, settingsMap, settingsName } from '../pod/setting-volumes.ts';
import type { PodArm, Release } from '../release.ts';

/** The ConfigMap of a revision; none where all that its server reads is in its image or secret. */
export function settingsOf(release: Release, arm: PodArm): KubeObject[] {
  const settings = settingsIn(arm);
  if (settings.length === 0) return [];
  const metadata = metaOf(release, settingsName(arm), revisionLabels(release, arm));
  return [settingsMap(metadata, settings)];
}
