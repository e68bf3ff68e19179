import { createWriteStream } from 'node:fs';
import { chmod, constants, copyFile, mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { failure, messageOf } from '#base';
import type { FileEntry, LayerEntry } from '../layer-entry.ts';

/**
 * One entry below a folder, with the folders it lies in; `made` is what is there by now, outermost first. Modes are those of the
 * image, whatever the user's mask is.
 */
export async function writeEntry(
  folder: string,
  entry: LayerEntry,
  made: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const names = entry.path.split('/');
  const above = names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
  for (const path of entry.kind === 'folder' ? [...above, entry.path] : above) {
    if (made.has(path)) continue;
    await mkdir(join(folder, path));
    await chmod(join(folder, path), 0o755);
    made.add(path);
  }
  if (entry.kind === 'folder') return;
  const path = join(folder, entry.path);
  if (entry.kind === 'link') await symlink(entry.target, path);
  else await writeBytes(entry, path, signal);
  made.add(entry.path);
}

async function writeBytes({ from, isProgram }: FileEntry, path: string, signal: AbortSignal): Promise<void> {
  if (typeof from === 'string') await copy(from, path, signal);
  else await writeFile(path, from, { flag: 'wx' });
  await chmod(path, isProgram === true ? 0o755 : 0o644);
}

/** Bytes that the disk shares where it can; else copied in a way that can be given up. Throws `image_invalid`. */
async function copy(from: string, to: string, signal: AbortSignal): Promise<void> {
  await using file = await open(from).catch((error: unknown) => Promise.reject(unreadable(from, error)));
  if (!(await file.stat()).isFile()) throw failure('image_invalid', { subject: from, problem: 'is no file' });
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants;
  const isShared = await copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
  if (isShared) return;
  await pipeline(file.createReadStream({ autoClose: false }), createWriteStream(to), { signal });
}

function unreadable(path: string, error: unknown): Error {
  return failure('image_invalid', { subject: path, problem: `cannot be read: ${messageOf(error)}` }, error);
}
