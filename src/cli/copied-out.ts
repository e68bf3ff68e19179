/** A model that is taken out of the cache, for what reads its files in a folder of its own. */
import { constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { failure, messageOf } from '#base';
import { filesAtPath, type Held, type Wanted } from '#store';
import { isFetched } from './locate.ts';

/**
 * Its files below a folder, which is made where it is not there. Each appears whole or not at all; the disk shares the bytes with
 * the cache where it can, and whoever writes there changes nothing of the cache. Throws `file_unwritable`.
 */
export async function copyOut(held: Held, wanted: Wanted, folder: string): Promise<void> {
  const files = isFetched(held) ? await fetchedFiles(held) : await filesHere(held, wanted);
  for (const { from, name } of files)
    await copyWhole(from, join(folder, name)).catch((error: unknown) =>
      Promise.reject(
        failure('file_unwritable', { path: join(folder, name), problem: messageOf(error) }, error),
      ),
    );
}

interface Copy {
  readonly from: string;
  /** Below the folder of the copies. */
  readonly name: string;
}

async function fetchedFiles(held: Held): Promise<Copy[]> {
  const { root, spoken, manifest } = held;
  const isFile = (await stat(root)).isFile();
  const copies: Copy[] = [];
  for (const { path } of manifest?.files ?? []) {
    const name = isFile && path === basename(root) ? basename(spoken) : path;
    copies.push({ from: join(await baseOf(held, path), path), name });
  }
  return copies;
}

/** What lies on this machine is not read through for this, nor leased. */
async function filesHere({ root: path }: Held, wanted: Wanted): Promise<Copy[]> {
  const { root, files } = await filesAtPath(path, wanted);
  return files.map(from => ({ from, name: relative(root, from) }));
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
