import { statfs } from 'node:fs/promises';
import { failure } from '#base';
import { bytesOf, type Resident } from '../cache/eviction.ts';
import { evict, isInUse, residents } from './cache/removing.ts';
import type { Setting } from './setting.ts';

export interface Coming {
  /** All of it; a file that is here already has the same SHA-256, and lies there once. */
  readonly files: Resident['files'];
  /** Bytes that are not on the disk yet. */
  readonly missing: number;
}

/**
 * Sees to it that an artifact has room, on the disk and within the quota; what nobody uses goes for it, least lately used first,
 * and nothing where that would not be enough. Throws `cache_full`.
 */
export async function makeRoom(setting: Setting, wanted: Coming, signal: AbortSignal): Promise<void> {
  const { cache, quotaBytes = Number.POSITIVE_INFINITY, logger } = setting;
  const coming: Resident = { id: '', usedAt: Number.POSITIVE_INFINITY, files: wanted.files };
  const free = await freeBytes(cache.layout.root);
  const all = [...(await residents(cache)), coming];
  const lacking = Math.max(0, wanted.missing - free);
  const most = Math.min(quotaBytes, lacking === 0 ? Number.POSITIVE_INFINITY : bytesOf(all) - lacking);
  if (bytesOf(all) <= most) return;
  const full = (staying: readonly Resident[]): Error => {
    const [bytes, left] = [bytesOf([coming]), bytesOf(staying)];
    const isOver = bytesOf([...staying, coming]) > quotaBytes;
    const problem = isOver
      ? `${bytes} bytes more are over its quota of ${quotaBytes}; what is in use takes ${left}`
      : `${wanted.missing} bytes are needed, and the disk has ${free}; what is in use takes ${left}`;
    return failure('cache_full', { path: cache.layout.folder, problem });
  };
  const used = all.filter(one => one !== coming && isInUse(cache.tree(one.id).lease));
  if (bytesOf([...used, coming]) > most) throw full(used);
  const gone = await evict(cache, most, { coming, signal });
  if (gone.length > 0) logger.log('info', 'models that nobody uses made room in the cache', { gone });
  const left = await residents(cache);
  if (bytesOf([...left, coming]) > most) throw full(left);
}

/** Without bound where the file system does not tell. */
async function freeBytes(path: string): Promise<number> {
  const found = await statfs(path).catch(() => undefined);
  return found === undefined ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
}
