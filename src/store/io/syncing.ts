import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Entry } from '../cache/entry.ts';
import type { Tree } from '../cache/layout.ts';
import { hashing } from './hashing/hashing.ts';

/**
 * By then the system has written by itself nearly all that it is going to, and seeing to the rest costs little. To wait for the
 * disk before a model is loaded would make the first start as slow as the disk; until it has it all, a power cut costs a pull.
 */
const LATER_MS = 60_000;

/** Sees to it that an artifact is on the disk, and notes that. Keeps no process alive; answers how to give it up. */
export function syncLater(tree: Tree, entry: Entry): () => void {
  const timer = setTimeout(() => void sync(tree, entry).catch(() => {}), LATER_MS);
  timer.unref();
  return () => clearTimeout(timer);
}

async function sync(tree: Tree, { laid }: Entry): Promise<void> {
  if (await isSynced(tree)) return;
  const files = laid.files.map(({ path }) => join(tree.files, path));
  const folders = new Set(files.map(path => dirname(path)));
  await hashing.sync([...files, ...folders, tree.folder, dirname(tree.folder)]);
  await writeFile(tree.synced, '');
}

export async function isSynced(tree: Tree): Promise<boolean> {
  return (await stat(tree.synced).catch(() => undefined)) !== undefined;
}
