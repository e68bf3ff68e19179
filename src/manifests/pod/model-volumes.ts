/** Volumes that models lie on already: claims and images. Nobody writes to them here. */
import type { ModelMount } from '#spec';
import type { PodArm } from '../release.ts';
import { pullPolicyOf } from './image-pull.ts';
import { type Mount, numbered, type Storage, type Volume } from './storage.ts';

/** What brings the other models asks for all, and finds these where they lie. */
export function modelVolumes({ deployed }: PodArm): Storage {
  const keys = [...new Set(deployed.mounts.map(({ volume }) => keyOf(volume)))];
  const volumes = keys.flatMap((key, at) => {
    const found = deployed.mounts.find(({ volume }) => keyOf(volume) === key);
    return found === undefined ? [] : [volumeOf(found.volume, numbered('volume', at))];
  });
  // Several models of one claim are found below one path.
  const byPath = new Map(deployed.mounts.map(mount => [mount.path, mount]));
  const mounts = [...byPath.values()].map(mount =>
    mountOf(mount, numbered('volume', keys.indexOf(keyOf(mount.volume)))),
  );
  return { volumes, server: mounts, init: mounts };
}

type Source = ModelMount['volume'];

function keyOf(volume: Source): string {
  return 'claim' in volume ? `claim ${volume.claim}` : `image ${volume.image}`;
}

function volumeOf(source: Source, name: string): Volume {
  // Said of the volume as well, so that its files are not given to another group first.
  if ('claim' in source) return { name, persistentVolumeClaim: { claimName: source.claim, readOnly: true } };
  return { name, image: { reference: source.image, pullPolicy: pullPolicyOf(source.image) } };
}

function mountOf({ path, subPath }: ModelMount, name: string): Mount {
  return { name, mountPath: path, ...(subPath !== '' && { subPath }), readOnly: true };
}
