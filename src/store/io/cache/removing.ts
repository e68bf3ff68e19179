import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { nextToGo, type Resident } from '../../cache/eviction.ts';
import { GONE } from '../../cache/layout.ts';
import type { Cache } from './cache.ts';
import { codeOf } from './faults.ts';
import { removeAll, removeTree } from './folders.ts';
import { type Lock, tryLock } from './locks.ts';

/** What is published, as far as its removal is concerned. One whose manifest is broken counts as empty, and as old. */
export async function residents(cache: Cache): Promise<readonly Resident[]> {
  const found: Resident[] = [];
  for (const id of await cache.trees()) {
    const entry = await cache.entry(id).catch(() => undefined);
    const usedAt = entry === undefined ? 0 : await cache.usedAt(cache.tree(id));
    found.push({ id, usedAt, files: entry?.laid.files ?? [] });
  }
  return found;
}

export interface Evicting {
  readonly signal?: AbortSignal | undefined;
  /** It counts, as if it were there. */
  readonly coming?: Resident;
}

/** Removes what nobody uses, least lately used first, until so many bytes are left. Says what went. */
export async function evict(
  cache: Cache,
  mostBytes: number,
  { signal, coming }: Evicting,
): Promise<readonly string[]> {
  const gone: string[] = [];
  const stay = new Set(coming === undefined ? [] : [coming.id]);
  let left = [...(await residents(cache)), ...(coming === undefined ? [] : [coming])];
  for (
    let next = nextToGo(left, mostBytes, stay);
    next !== undefined;
    next = nextToGo(left, mostBytes, stay)
  ) {
    signal?.throwIfAborted();
    const { id } = next;
    if (await remove(cache, id)) {
      gone.push(id);
      left = left.filter(one => one.id !== id);
    } else stay.add(id);
  }
  return gone;
}

/** Says whether it is gone: not while somebody has it, nor where it belongs to another user. */
export async function remove(cache: Cache, id: string): Promise<boolean> {
  const tree = cache.tree(id);
  const lock = lockOf(tree.lease);
  if (lock === 'busy') return false;
  try {
    const entry = await cache.entry(id).catch(() => undefined);
    await discard(cache, id);
    for (const { sha256 } of entry?.laid.files ?? []) await removeOrphan(cache.blob(sha256));
    return true;
  } catch {
    return false;
  } finally {
    lock?.release();
  }
}

/** Takes an artifact out, in use or not: whoever has files of it open keeps them. */
export function discard(cache: Cache, id: string): Promise<void> {
  return putAway(cache, cache.tree(id).folder);
}

/** Removes a folder of the cache. A kill leaves all of it, or what is known to be gone. */
export function putAway({ layout }: Cache, folder: string): Promise<void> {
  const name = `${GONE}${basename(folder)}-${process.pid}-${process.hrtime.bigint()}`;
  return removeTree(folder, join(layout.partial, name));
}

/** `undefined` also where it cannot be locked, as its files are broken or another user's: removing it will tell. */
function lockOf(path: string): Lock | 'busy' | undefined {
  try {
    return tryLock(path, 'exclusive');
  } catch {
    return undefined;
  }
}

/** Whether somebody has it; that cannot be told in a cache that may only be read. */
export function isInUse(path: string): boolean {
  const lock = lockOf(path);
  if (lock === 'busy') return true;
  lock?.release();
  return false;
}

/** A blob that no artifact has a link to any more. */
async function removeOrphan(blob: string): Promise<void> {
  const found = await stat(blob).catch(() => undefined);
  if (found?.nlink === 1) await ignoring(rm(blob, { force: true }));
}

/** What removals and pulls left behind that did not come to their end, and what URIs led to that is gone. */
export async function sweep(cache: Cache, now: number, keepMs: number): Promise<void> {
  for (const name of await readdir(cache.layout.partial).catch(() => []))
    await sweepPartial(cache, name, now - keepMs);
  for (const sha256 of await cache.names(cache.layout.blobs)) await removeOrphan(cache.blob(sha256));
  const trees = new Set(await cache.trees());
  for (const [key, { tree, pulledAt }] of await cache.trails()) {
    if (!trees.has(tree) && pulledAt <= now - keepMs)
      await ignoring(rm(join(cache.layout.uris, `${key}.json`), { force: true }));
  }
}

/** A pull has a folder by the name of its lock. */
async function sweepPartial(cache: Cache, name: string, oldest: number): Promise<void> {
  const path = join(cache.layout.partial, name);
  if (name.startsWith(GONE)) return ignoring(removeAll(path));
  const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? { mtimeMs: Number.POSITIVE_INFINITY };
  if (mtimeMs > oldest) return;
  const lock = lockOf(cache.lockFile(name));
  if (lock === 'busy') return;
  try {
    await ignoring(removeAll(path));
    if (lock !== undefined) await ignoring(rm(cache.lockFile(name), { force: true }));
  } finally {
    lock?.release();
  }
}

/** What belongs to another user, or is being removed by one, stays for them. */
async function ignoring(removal: Promise<void>): Promise<void> {
  await removal.catch((error: unknown) => codeOf(error));
}
