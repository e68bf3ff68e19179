import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, messageOf } from '#base';
import { fileBytes } from '../file-bytes.ts';
import { type Place, placesIn } from './tar-places.ts';

/** The files of a layout: in a folder, or in a tar file. Paths have `/` between names. */
export interface LayoutFiles {
  /** Bytes; undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** The bytes of a file from a place on; none of one that is not there. */
  bytes(path: string, start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Throws `file_missing`, `file_unreadable`, or `image_invalid` for what is no tar file. */
export async function layoutFiles(path: string, signal: AbortSignal): Promise<LayoutFiles> {
  const found = await stat(path).catch((error: unknown) => {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw isMissing
      ? failure('file_missing', { path, purpose: 'the layout of an image' }, error)
      : failure('file_unreadable', { path, problem: messageOf(error) }, error);
  });
  if (found.isDirectory()) return new FolderFiles(path);
  if (found.isFile()) return tarFiles(path, found.size, signal);
  throw failure('file_unreadable', { path, problem: 'it is neither a file nor a folder' });
}

class FolderFiles implements LayoutFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async size(path: string): Promise<number | undefined> {
    const found = await stat(join(this.#root, path)).catch(() => undefined);
    return found?.isFile() === true ? found.size : undefined;
  }

  async *bytes(path: string, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const size = await this.size(path);
    if (size !== undefined) yield* fileBytes(join(this.#root, path), size, start, signal);
  }

  /** Nothing is open but what is being read. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function tarFiles(path: string, size: number, signal: AbortSignal): Promise<LayoutFiles> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  });
  try {
    return new TarFiles(file, await placesIn(file, size, signal));
  } catch (error: unknown) {
    await file.close();
    signal.throwIfAborted();
    throw failure('image_invalid', { subject: path, problem: messageOf(error) }, error);
  }
}

const CHUNK = 1024 * 1024;

class TarFiles implements LayoutFiles {
  readonly #file: FileHandle;
  readonly #places: ReadonlyMap<string, Place>;

  constructor(file: FileHandle, places: ReadonlyMap<string, Place>) {
    this.#file = file;
    this.#places = places;
  }

  size(path: string): Promise<number | undefined> {
    return Promise.resolve(this.#places.get(path)?.size);
  }

  async *bytes(path: string, start: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { offset, size } = this.#places.get(path) ?? { offset: 0, size: 0 };
    for (let at = start; at < size; ) {
      signal.throwIfAborted();
      const length = Math.min(CHUNK, size - at);
      const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, offset + at);
      // It has become shorter: who reads knows how much there should be.
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
