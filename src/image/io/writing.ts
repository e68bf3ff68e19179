/** Writing to the disk so that there is all of a file or nothing. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, failure, messageOf } from '#base';

export interface Written {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** What went wrong with a file that is written here: `image_unwritable`. What the disk has no part in stays what it is. */
export function unwritable(path: string, error: unknown): unknown {
  if (error instanceof AppError) return reworded(error);
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return failure('image_unwritable', { path, problem: problems[code] ?? messageOf(error) }, error);
}

/** Locks, and what unpacks archives, speak of the cache of models. */
function reworded(error: AppError): AppError {
  const { code, facts } = error;
  if (code !== 'cache_full' && code !== 'cache_unusable') return error;
  return failure(
    'image_unwritable',
    { path: String(facts['path']), problem: String(facts['problem']) },
    error,
  );
}

const problems: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: "the disk's quota is used up",
  EROFS: 'it is on a file system that can only be read',
  EACCES: 'its permissions do not allow it',
  ENOTDIR: 'a file is where a folder should be',
};

/** Does what touches the disk, and words its faults. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error: unknown) {
    throw unwritable(path, error);
  }
}

/**
 * Writes bytes under a name of its own, which `place` then puts where they belong; whatever happens, nothing of that name stays.
 * Faults of the disk are `image_unwritable` of `shown`; those of the bytes come as they are.
 */
export async function writePartial(
  partial: string,
  bytes: AsyncIterable<Uint8Array>,
  shown: string,
  place: (written: Written) => Promise<void>,
): Promise<Written> {
  await writing(shown, () => mkdir(dirname(partial), { recursive: true }));
  const file = await writing(shown, () => open(partial, 'wx', 0o644));
  try {
    const written = await copyInto(file, bytes, shown);
    await place(written);
    return written;
  } finally {
    await rm(partial, { force: true }).catch(() => {});
  }
}

/** Closes the file: some file systems say only then that there is no room. */
async function copyInto(file: FileHandle, bytes: AsyncIterable<Uint8Array>, shown: string): Promise<Written> {
  let isOpen = true;
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of bytes) {
      const isWritten = writing(shown, () => writeAll(file, chunk));
      hash.update(chunk);
      size += chunk.length;
      await isWritten;
    }
    isOpen = false;
    await writing(shown, () => file.close());
    return { digest: `sha256:${hash.digest('hex')}`, size };
  } finally {
    if (isOpen) await file.close().catch(() => {});
  }
}

/** A nearly full disk takes some of it before it refuses the rest. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** Writes a file, or leaves what is there: it appears by one rename. */
export function writeWhole(path: string, bytes: AsyncIterable<Uint8Array>, shown = path): Promise<Written> {
  const partial = beside(path);
  return writePartial(partial, bytes, shown, () => writing(shown, () => rename(partial, path)));
}

/** A name beside a path that nobody else takes. */
export function beside(path: string): string {
  return `${path}.partial-${randomUUID()}`;
}

/** Bytes that are all there, as those that come. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
