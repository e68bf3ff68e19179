import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { failure, messageOf } from '#base';
import { chosen } from '../../wheels/choose.ts';
import type { Locked } from '../../wheels/lock.ts';
import type { Link } from '../../wheels/simple-page.ts';

/**
 * Wheels of a package in a folder of this machine, with their digests. A relative one lies beside the lock, or else where this
 * runs; one that is not there has none: so pip has it.
 */
export async function linksInFolder(
  place: { readonly path: string; readonly file: string },
  locked: Locked,
  ranks: ReadonlyMap<string, number>,
): Promise<readonly Link[]> {
  const { path: written, file: lock } = place;
  const path = written.startsWith('file:') ? fileURLToPath(written) : written;
  const beside = resolve(dirname(lock), path);
  const folder = (await namesIn(beside)).length > 0 ? beside : resolve(path);
  const names = await namesIn(folder);
  // Hashing costs: only what may be wanted is looked at.
  const fitting = names.filter(file => chosen(locked, [{ file }], ranks).ok);
  return Promise.all(
    fitting.map(async file => {
      const found = join(folder, file);
      return { file, url: pathToFileURL(found).href, sha256: await sha256Of(found) };
    }),
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw failure('file_unreadable', { path: folder, problem: messageOf(error) }, error);
  }
}

/** What is read at once. Bytes. */
const CHUNK = 2 ** 18;

export async function sha256Of(path: string): Promise<string> {
  const { size } = await stat(path);
  const hash = createHash('sha256');
  // Most are small, and a stream for each costs more than hashing it.
  if (size <= CHUNK) return hash.update(await readFile(path)).digest('hex');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
