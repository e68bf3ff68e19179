import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Entry, entryText } from '../../cache/entry.ts';
import { type Tree, treeIn } from '../../cache/layout.ts';
import { hashing } from '../hashing/hashing.ts';
import { type Cache, idOf } from './cache.ts';
import { cacheFault, codeOf } from './faults.ts';
import { makeReadOnly, makeShared, removeAll } from './folders.ts';
import { touch } from './locks.ts';
import { discard } from './removing.ts';

/** A file of an artifact that is here and right. */
export interface Ready {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Where it lies. */
  readonly from: string;
}

/** Whether it was published now, or had been before; then nobody has looked whether it is still right. */
export interface Published {
  readonly id: string;
  readonly isNew: boolean;
}

/**
 * Puts an artifact into the cache: all of it appears by one rename, or nothing. `ground` is a folder of the cache, where it is
 * put together. Throws `cache_full` or `cache_unusable`.
 */
export async function publish(
  cache: Cache,
  ground: string,
  entry: Entry,
  files: readonly Ready[],
): Promise<Published> {
  const id = idOf(entry);
  try {
    const draft = treeIn(ground, 'draft');
    await removeAll(draft.folder);
    await makeShared(draft.folder);
    await mkdir(draft.files);
    for (const file of files) await place(cache, file, join(draft.files, file.path));
    await makeReadOnly(draft.files);
    await writeFile(draft.manifest, entryText(entry), { mode: 0o444, flush: true });
    touch(draft.lease);
    return { id, isNew: await appear(cache, draft, cache.tree(id)) };
  } catch (error: unknown) {
    throw cacheFault(cache.layout.folder, error);
  }
}

async function appear(cache: Cache, draft: Tree, tree: Tree): Promise<boolean> {
  if (await isMoved(draft, tree)) return true;
  // Another URI led to the same; or it is there, and nobody can tell any more what it is.
  if (!(await cache.isUsable(tree.id))) await discard(cache, tree.id).catch(ignoreGone);
  if (await isMoved(draft, tree)) return true;
  await removeAll(draft.folder);
  return false;
}

/** Somebody else has taken it out meanwhile. */
function ignoreGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function isMoved(draft: Tree, tree: Tree): Promise<boolean> {
  try {
    await rename(draft.folder, tree.folder);
    return true;
  } catch (error: unknown) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function place(cache: Cache, file: Ready, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const blob = cache.blob(file.sha256);
  if (file.from !== blob && (await isBlob(blob, file))) return linkOrCopy(blob, path);
  await linkOrCopy(file.from, path);
  if (file.from === blob) return;
  await rm(blob, { force: true, recursive: true });
  // Where links are refused there are no blobs: each would lie there twice.
  await link(path, blob).catch((error: unknown) => {
    if (!isRefused(error) && codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Whether the same bytes lie there already, perhaps from another URI. It is looked at: what lies there may be damaged. */
async function isBlob(blob: string, { size, sha256, from }: Ready): Promise<boolean> {
  const [found, own] = await Promise.all([stat(blob).catch(() => undefined), stat(from)]);
  if (found === undefined || found.size !== size) return false;
  if (found.ino === own.ino) return true;
  const { hexes } = await hashing.file(blob);
  return hexes[0] === sha256;
}

async function linkOrCopy(from: string, path: string): Promise<void> {
  try {
    await link(from, path);
  } catch (error: unknown) {
    if (!isRefused(error)) throw error;
    await copyFile(from, path);
  }
}

/** File systems without hard links, those that protect files of others, and files with too many of them. */
function isRefused(error: unknown): boolean {
  return ['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(codeOf(error) ?? '');
}
