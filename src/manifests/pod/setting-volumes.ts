/** Small files that a server reads and no image has: a ConfigMap of each revision, whose name tells its content. */
import { createHash } from 'node:crypto';
import { foreignKind, isOfPolicy, SETTINGS } from '#spec';
import type { KubeObject, ObjectMeta } from '../object.ts';
import type { PodArm, Setting } from '../release.ts';
import { type Mount, nothing, type Storage } from './storage.ts';

export const SETTINGS_VOLUME = 'settings';

/** Those of the file, and those that the launch writes. */
export function settingsIn({ settings, launch }: PodArm): readonly Setting[] {
  const staged = launch.files.flatMap(file =>
    'text' in file ? [{ path: `${SETTINGS}/${file.name}`, text: file.text }] : [],
  );
  const all = new Map([...settings, ...staged].map(one => [one.path, one]));
  return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** It is never changed: pods that start later would read other settings than those that run. */
export function settingsName(arm: PodArm): string {
  return mapName(arm.deployed.revision.name, settingsIn(arm));
}

export function mapName(owner: string, settings: readonly Setting[]): string {
  const content = JSON.stringify(settings.map(({ path, text }) => [path, text]));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return `${owner}-conf-${hash}`;
}

/** The ConfigMap that holds them. */
export function settingsMap(metadata: ObjectMeta, settings: readonly Setting[]): KubeObject {
  const data = Object.fromEntries(settings.map((one, at) => [settingKey(one, at), one.text]));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, data };
}

/** Each file by itself: a folder would hide what the image has beside it. */
export function settingMounts(settings: readonly Setting[]): Mount[] {
  return settings.map((setting, at) => ({
    name: SETTINGS_VOLUME,
    mountPath: setting.path,
    subPath: settingKey(setting, at),
    readOnly: true,
  }));
}

/** Its path without what no key may hold, and a number before it, so that no two are the same. */
function settingKey({ path }: Setting, at: number): string {
  return `${at}-${path
    .slice(1)
    .replaceAll(/[^-._A-Za-z0-9]/g, '-')
    .slice(-200)}`;
}

/** What a policy names is for whoever is fairlead: what brings models, and its own server. */
export function settingVolume(arm: PodArm): Storage {
  const mounts = settingMounts(settingsIn(arm));
  if (mounts.length === 0) return nothing;
  const isForeign = foreignKind(arm.deployed.revision.runtime) !== undefined;
  return {
    volumes: [{ name: SETTINGS_VOLUME, configMap: { name: settingsName(arm) } }],
    server: mounts.filter(({ mountPath }) => !isForeign || !isOfPolicy(mountPath)),
    init: mounts.filter(({ mountPath }) => isOfPolicy(mountPath)),
  };
}
