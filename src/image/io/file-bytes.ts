import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type AppError, failure, messageOf } from '#base';

/** Bytes at once. */
const CHUNK = 1024 * 1024;
/** A file up to here is read at once and by itself: waiting in turn for four answers costs ten times as much. */
const SMALL = 64 * 1024;

/** The size of a file that goes into an image. Throws `file_missing` or `file_unreadable`, also for what is no file. */
export function fileSize(path: string): number {
  return attempt(path, () => regular(path, statSync(path)).size);
}

/**
 * Exactly the bytes of a file from `start` on, which was `size` bytes long. Throws `image_invalid` where it has another size by
 * now, or is gone: an image is what its digest says, or it is not made.
 */
export async function* fileBytes(
  path: string,
  size: number,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  if (size <= SMALL) {
    yield attempt(path, () => smallFile(path, size)).subarray(start);
    return;
  }
  const file = await open(path, 'r').catch((error: unknown) => Promise.reject(unreadable(path, error)));
  try {
    sameSize(path, size, (await file.stat()).size);
    yield* chunksOf(file, { path, start, end: size, signal });
  } finally {
    await file.close();
  }
}

function smallFile(path: string, size: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    sameSize(path, size, regular(path, fstatSync(file)).size);
    const bytes = Buffer.allocUnsafe(size);
    let at = 0;
    for (let read = -1; at < size && read !== 0; at += read) read = readSync(file, bytes, at, size - at, at);
    sameSize(path, size, at);
    return bytes;
  } finally {
    closeSync(file);
  }
}

interface Stretch {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
}

/** The next chunk is read while the last one is used. */
async function* chunksOf(file: FileHandle, stretch: Stretch): AsyncGenerator<Uint8Array> {
  const { path, end, signal } = stretch;
  let at = stretch.start;
  let coming = chunkAt(file, at, stretch);
  try {
    while (at < end) {
      const chunk = await coming;
      signal.throwIfAborted();
      if (chunk.length === 0) throw changed(path, `had ${end} bytes, and now ends after ${at}`);
      at += chunk.length;
      coming = chunkAt(file, at, stretch);
      yield chunk;
    }
  } finally {
    // Before the file is closed under it.
    await coming.catch(() => {});
  }
}

function chunkAt(file: FileHandle, at: number, stretch: Stretch): Promise<Uint8Array> {
  const chunk = readChunk(file, at, stretch);
  // Whoever uses the one before may be long about it; this one's failure waits for that.
  chunk.catch(() => {});
  return chunk;
}

async function readChunk(file: FileHandle, at: number, { path, end }: Stretch): Promise<Uint8Array> {
  const length = Math.min(CHUNK, end - at);
  if (length === 0) return new Uint8Array(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } catch (error: unknown) {
    throw unreadable(path, error);
  }
}

/** Reading a pipe might never end. */
function regular(path: string, found: Stats): Stats {
  if (found.isFile()) return found;
  throw failure('file_unreadable', { path, problem: 'it is no regular file' });
}

function sameSize(path: string, expected: number, found: number): void {
  if (found !== expected) throw changed(path, `had ${expected} bytes, and now has ${found}`);
}

function changed(path: string, how: string): AppError {
  return failure('image_invalid', {
    subject: path,
    problem: `it ${how}`,
    remedy: 'build again once nobody writes it any more',
  });
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error: unknown) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'a file of the image' }, error);
  return code?.startsWith('E') === true && 'syscall' in (error as object)
    ? failure('file_unreadable', { path, problem: messageOf(error) }, error)
    : error;
}
