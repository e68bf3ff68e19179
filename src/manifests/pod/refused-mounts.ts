import { dirname } from 'node:path';
import { CACHE, CLAIMS, MODELS, PROGRAM, SERVICE, SETTINGS } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { secretFiles } from './secret-volumes.ts';
import { logFolder, TEMPORARY } from './written-volumes.ts';

/** Folders that an image or a pod has something in: a volume there, or above it, would hide that. */
const IN_PODS = [CACHE, CLAIMS, MODELS, PROGRAM, SERVICE, SETTINGS];
const IN_IMAGES = ['/usr/local/bin', '/bin', '/lib', '/lib64', '/etc/ssl', '/proc', '/sys', '/dev'];
const TAKEN = IN_PODS.concat(IN_IMAGES);

/** Files at absolute paths keep them, and so their folders are mounted wherever they are. */
export function mountRefusals(arm: PodArm, more: readonly string[] = []): Refused[] {
  const secrets = secretFiles(arm).map(({ field, path }) => ({ field, folder: dirname(path) }));
  const log = logFolder(arm);
  const logs = log === undefined ? [] : [{ field: 'server.payloadLog.file', folder: log }];
  const wanted = [...secrets, ...logs].filter(({ field, folder }) =>
    isTaken(field, folder, [...TAKEN, ...more]),
  );
  const shared = logs.filter(({ folder }) => secrets.some(secret => secret.folder === folder));
  return [...wanted, ...shared].map(({ field, folder }) => ({
    path: `spec.${field}`,
    problem: `is in ${folder}, where a volume would hide what pods have there: give it a folder of its own`,
  }));
}

function isTaken(field: string, folder: string, all: readonly string[]): boolean {
  if (folder === TEMPORARY) return field !== 'server.payloadLog.file';
  return all.some(taken => taken === folder || taken.startsWith(folder === '/' ? '/' : `${folder}/`));
}
