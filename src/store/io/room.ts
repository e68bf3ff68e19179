import { statfs } from 'node:fs/promises';
import { failure } from '#base';
import { bytesOf } from '../cache/eviction.ts';
import { evict, residents } from './cache/removing.ts';
import type { Setting } from './setting.ts';

/**
 * Sees to it that so many bytes more have room, on the disk and within the quota; what nobody uses goes for them, least lately
 * used first. Throws `cache_full`.
 */
export async function makeRoom(
  { cache, quotaBytes = Number.POSITIVE_INFINITY, logger }: Setting,
  needed: number,
  signal: AbortSignal,
): Promise<void> {
  const { folder, root } = cache.layout;
  const used = bytesOf(await residents(cache));
  const free = await freeBytes(root);
  const most = Math.min(quotaBytes - needed, used + free - needed);
  if (used <= most) return;
  const gone = await evict(cache, Math.max(0, most), signal);
  if (gone.length > 0) logger.log('info', 'models that nobody uses made room in the cache', { gone });
  const left = bytesOf(await residents(cache));
  if (left + needed > quotaBytes)
    throw failure('cache_full', {
      path: folder,
      problem: `${needed} bytes more would be over its quota of ${quotaBytes}; what is in use takes ${left}`,
    });
  const freed = await freeBytes(root);
  if (needed > freed)
    throw failure('cache_full', {
      path: folder,
      problem: `${needed} bytes are needed, and the disk has ${freed}`,
    });
}

/** Without bound where the file system does not tell. */
async function freeBytes(path: string): Promise<number> {
  const found = await statfs(path).catch(() => undefined);
  return found === undefined ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
}
