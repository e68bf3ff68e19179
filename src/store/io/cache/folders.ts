import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes a folder that whoever may write the one above it may write too: several users may share a cache. */
export async function makeShared(path: string): Promise<void> {
  const above = await stat(dirname(path));
  if ((await mkdir(path, { recursive: true })) === undefined) return;
  await chmod(path, above.mode & 0o7777);
}

/** Takes the right to write from all that lies in a folder, and from itself. */
export async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? makeReadOnly(path) : chmod(path, 0o444));
  }
  await chmod(folder, 0o555);
}

/** Removes a folder that may have been made read-only. Its name is gone before anything in it is. */
export async function removeTree(folder: string, aside: string): Promise<void> {
  await rename(folder, aside);
  await removeAll(aside);
}

export async function removeAll(folder: string): Promise<void> {
  await makeWritable(folder);
  await rm(folder, { recursive: true, force: true });
}

async function makeWritable(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  // The superuser needs none of it, and whom a folder does not belong to is told when it is removed.
  await chmod(folder, 0o755).catch(() => {});
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
