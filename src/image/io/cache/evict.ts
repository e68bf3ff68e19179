import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kept, namesToEvict } from '../../cache-eviction.ts';
import type { BlobCache } from './blob-cache.ts';
import { packedOf } from './layer-index.ts';

/** What nobody has gone on with for so long will not be. Milliseconds. */
const ABANDONED_MS = 7 * 24 * 3600 * 1000;

/**
 * Keeps the cache within its bound: what was used least lately goes, and nothing that this build used. It need not succeed: what
 * somebody else removes meanwhile is gone all the same.
 */
export async function evict(cache: BlobCache, mostBytes: number): Promise<void> {
  const inUse = new Set([...cache.used].map(digest => digest.slice('sha256:'.length)));
  const all = await filesIn(cache.blobs);
  const gone = namesToEvict(all, mostBytes, inUse);
  await Promise.all(gone.map(name => removed(join(cache.blobs, name))));
  const left = new Set(all.map(({ name }) => name).filter(name => !gone.includes(name)));
  await Promise.all([forgetLayers(cache, left), dropAbandoned(cache)]);
}

/** Notes of layers that are not there any more. */
async function forgetLayers(cache: BlobCache, blobs: ReadonlySet<string>): Promise<void> {
  for (const { name } of await filesIn(cache.layers)) {
    const path = join(cache.layers, name);
    const packed = packedOf(await readFile(path, 'utf8').catch(() => ''));
    if (packed === undefined || !blobs.has(packed.digest.slice('sha256:'.length))) await removed(path);
  }
}

async function dropAbandoned(cache: BlobCache): Promise<void> {
  for (const { name, usedAt } of await filesIn(cache.partials))
    if (Date.now() - usedAt > ABANDONED_MS) await removed(join(cache.partials, name));
}

async function filesIn(folder: string): Promise<readonly Kept[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.map(async name => {
    const file = await stat(join(folder, name)).catch(() => undefined);
    return file === undefined ? [] : [{ name, size: file.size, usedAt: file.mtimeMs }];
  });
  return (await Promise.all(found)).flat();
}

function removed(path: string): Promise<void> {
  return rm(path, { force: true, recursive: true }).catch(() => {});
}
