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

/** What keeps a path from being written, as `image_unwritable`; what is worded already stays as it is. */
export function unwritable(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return failure('image_unwritable', { path, problem: problemOf(error) }, error);
}

function problemOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full';
  return code === 'EDQUOT' ? "the disk's quota is used up" : messageOf(error);
}

/** Runs what touches the disk only, and words its faults. */
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
