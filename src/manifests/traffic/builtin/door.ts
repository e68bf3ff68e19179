/** What pods of a gateway read that does the work of servers of others: keys, certificates, and keys of issuers. */
import { doorArm } from '../../door.ts';
import { gatewayName, labelsOf, metaOf } from '../../names.ts';
import type { KubeObject } from '../../object.ts';
import { secretVolumes } from '../../pod/secret-volumes.ts';
import { mapName, SETTINGS_VOLUME, settingMounts, settingsMap } from '../../pod/setting-volumes.ts';
import { nothing, type Storage, together } from '../../pod/storage.ts';
import type { Release } from '../../release.ts';

export function doorStorage(release: Release): Storage {
  const door = doorArm(release);
  if (door === undefined) return nothing;
  const { settings } = door;
  const files: Storage = {
    volumes: [{ name: SETTINGS_VOLUME, configMap: { name: doorMap(release) } }],
    server: settingMounts(settings),
    init: [],
  };
  return together([...(settings.length > 0 ? [files] : []), secretVolumes(door)]);
}

/** Immutable, by its hash: where a key of an issuer changes, pods are started anew, as those of servers are. */
export function doorSettings(release: Release): KubeObject[] {
  const { settings = [] } = doorArm(release) ?? {};
  if (settings.length === 0) return [];
  const metadata = metaOf(release, doorMap(release), labelsOf(release, 'gateway'));
  return [settingsMap(metadata, settings)];
}

function doorMap(release: Release): string {
  return mapName(gatewayName(release), doorArm(release)?.settings ?? []);
}
