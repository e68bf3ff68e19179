/** What a server writes: temporary files, and the records of its payload log. */
import { dirname } from 'node:path';
import { memoryBytes } from '#spec';
import type { PodArm } from '../release.ts';
import { mebibytes, sizeQuantity } from './quantity.ts';
import { nothing, type Storage } from './storage.ts';

export const TEMPORARY = '/tmp';

export function temporaryVolume({ service: { spec } }: PodArm): Storage {
  const mounts = [{ name: 'tmp', mountPath: TEMPORARY }];
  const volume = { name: 'tmp', emptyDir: { sizeLimit: sizeQuantity(spec.kubernetes.temporary) } };
  return { volumes: [volume], server: mounts, init: mounts };
}

/** Records live as long as their pod: whoever wants them takes them from there. */
export function logVolume(arm: PodArm): Storage {
  const folder = logFolder(arm);
  if (folder === undefined || folder === TEMPORARY) return nothing;
  const { maxFile = '100Mi', files = 4 } = arm.service.spec.server.payloadLog ?? {};
  // One more than is kept: a file is put aside before the oldest goes.
  const sizeLimit = mebibytes(memoryBytes(maxFile) * (files + 1));
  return {
    volumes: [{ name: 'records', emptyDir: { sizeLimit } }],
    server: [{ name: 'records', mountPath: folder }],
    init: [],
  };
}

/** Undefined where no file is written. */
export function logFolder({ mounted }: PodArm): string | undefined {
  const file = mounted.find(({ field }) => field === 'server.payloadLog.file');
  return file && dirname(file.path);
}
