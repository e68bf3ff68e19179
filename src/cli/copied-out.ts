/** A model that is taken out of the cache, for what reads its files in a folder of its own. */
import { constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure, messageOf } from '#base';
import type { Held } from '#store';

/**
 * Its files below a folder, which is made where it is not there. Each appears whole or not at all; the disk shares the bytes with
 * the cache where it can, and whoever writes there changes nothing of the cache. Throws `cache_unusable`.
 */
export async function copyOut(held: Held, folder: string): Promise<void> {
  const { root, spoken, manifest } = held;
  const isFile = (await stat(root)).isFile();
  try {
    for (const { path } of manifest?.files ?? []) {
      const to = isFile && path === basename(root) ? basename(spoken) : path;
      await copyWhole(join(await baseOf(held, path), path), join(folder, to));
    }
  } catch (error: unknown) {
    throw failure('cache_unusable', { path: folder, problem: messageOf(error) }, error);
  }
}

/** Where the paths of its manifest start: beside a file, in a folder, or in the one version of it that was fetched. */
async function baseOf({ root, spoken }: Held, path: string): Promise<string> {
  const places = [root, dirname(root), join(root, basename(spoken))];
  for (const place of places) if (await stat(join(place, path)).catch(() => undefined)) return place;
  return root;
}

async function copyWhole(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const partial = `${to}.${process.pid}.partial`;
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await rename(partial, to);
  } finally {
    await rm(partial, { force: true });
  }
}
