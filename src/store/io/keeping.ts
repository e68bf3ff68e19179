/** The verbs over what the cache holds. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trail } from '../cache/trail.ts';
import type { Asking, Cached, Damage } from '../store.ts';
import type { Cache } from './cache/cache.ts';
import { damageOf } from './cache/checking.ts';
import { evict, isInUse, remove, sweep } from './cache/removing.ts';
import type { Setting } from './setting.ts';

/** Least lately used last; what cannot be read is left out, `verify` tells of it. */
export async function listCache({ cache }: Setting): Promise<readonly Cached[]> {
  const trails = [...(await cache.trails()).values()].toSorted((a, b) => b.pulledAt - a.pulledAt);
  const found = await Promise.all((await cache.trees()).map(id => cached(cache, id, trails)));
  const sound = found.filter(one => one !== undefined);
  return sound.toSorted((a, b) => b.usedAt - a.usedAt);
}

async function cached(cache: Cache, id: string, trails: readonly Trail[]): Promise<Cached | undefined> {
  const entry = await cache.entry(id).catch(() => undefined);
  if (entry === undefined) return undefined;
  const tree = cache.tree(id);
  const own = trails.filter(trail => trail.tree === id);
  const { files } = entry.laid;
  return {
    digest: entry.digest,
    root: join(tree.files, own[0]?.named ?? ''),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    files: files.length,
    uris: [...new Set(own.map(({ uri }) => uri))],
    usedAt: await cache.usedAt(tree),
    inUse: isInUse(tree.lease),
  };
}

const SIGNAL = new AbortController().signal;

export async function verifyCache(
  { cache, random }: Setting,
  digests: readonly string[] | undefined,
  { signal = SIGNAL, onProgress }: Asking,
): Promise<readonly Damage[]> {
  const damages: Damage[] = [];
  for (const id of await cache.trees()) {
    const digest = `sha256:${id.slice(0, 64)}`;
    if (digests !== undefined && !digests.includes(digest)) continue;
    const leased = await cache.lease(id, { random, signal }).catch(() => undefined);
    if (leased === undefined) {
      if (await isThere(cache, id)) damages.push({ digest });
      continue;
    }
    try {
      const tell = (progress: object): void =>
        onProgress?.({
          uri: digest,
          phase: 'verifying',
          files: 0,
          total: undefined,
          done: 0,
          reused: 0,
          ...progress,
        });
      damages.push(...(await damageOf(leased, { signal, onProgress: tell })));
    } finally {
      leased.lease.release();
    }
  }
  return damages;
}

/** One that was removed meanwhile has no fault. */
async function isThere(cache: Cache, id: string): Promise<boolean> {
  return (await stat(cache.tree(id).folder).catch(() => undefined)) !== undefined;
}

/** A broken pull that nobody took up again for so long is given up. */
const KEEP_MS = 24 * 60 * 60 * 1000;

export async function pruneCache(
  setting: Setting,
  mostBytes: number,
  { signal }: Asking,
): Promise<readonly Cached[]> {
  const { cache, clock } = setting;
  if ((await readdir(cache.layout.root).catch(() => [])).length === 0) return [];
  await cache.prepare();
  const before = await listCache(setting);
  const byRoot = new Map(before.map(one => [one.root, one]));
  const gone = new Set(await evict(cache, mostBytes, { signal }));
  for (const id of await cache.trees()) if (!(await isReadable(cache, id))) await remove(cache, id);
  await sweep(cache, clock.date().getTime(), mostBytes === 0 ? 0 : KEEP_MS);
  return [...byRoot.values()].filter(({ root }) =>
    [...gone].some(id => root.startsWith(cache.tree(id).files)),
  );
}

async function isReadable(cache: Cache, id: string): Promise<boolean> {
  return (await cache.entry(id).catch(() => undefined)) !== undefined;
}
