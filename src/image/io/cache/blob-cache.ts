import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base';
import { type Lock, lockExclusive } from '#store';
import { digestOf } from '../../oci/documents.ts';
import { fileBytes } from '../file-bytes.ts';
import { streamedDigest } from '../streamed-digest.ts';
import { type Written, writePartial, writing } from '../writing.ts';

interface Waiting {
  readonly random: Random;
  readonly signal: AbortSignal;
}

/**
 * Blobs that builds need again, by their digest, in a folder that several builds may use at once: `blobs/sha256/<hex>`, each put
 * there by one rename; `partial/`, what is being written; `layers/`, what was packed from what. Its size bounds nothing here:
 * `evict.ts` does, after a build. Faults of the disk are `image_unwritable` of the folder.
 */
export class BlobCache {
  readonly folder: string;
  /** Digests that this build has asked for: they stay. */
  readonly used = new Set<string>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(folder: string): Promise<BlobCache> {
    const cache = new BlobCache(folder);
    const folders = [cache.blobs, cache.partials, cache.layers];
    await writing(folder, () => Promise.all(folders.map(path => mkdir(path, { recursive: true }))));
    return cache;
  }

  get blobs(): string {
    return join(this.folder, 'blobs', 'sha256');
  }

  get partials(): string {
    return join(this.folder, 'partial');
  }

  get layers(): string {
    return join(this.folder, 'layers');
  }

  path(digest: string): string {
    return join(this.blobs, hexOf(digest));
  }

  /** Where a blob is written that is gone on with when it breaks off; only under its lock. */
  partial(digest: string): string {
    return join(this.partials, hexOf(digest));
  }

  lock(digest: string, waiting: Waiting): Promise<Lock> {
    return this.#lock(hexOf(digest), waiting);
  }

  /**
   * What is made of one thing is made by one build at a time, under one name, by `make`: so the others need not make it too, and
   * builds that were killed leave no more than one piece of it.
   */
  async alone<T>(key: string, waiting: Waiting, make: () => Promise<T>): Promise<T> {
    const lock = await this.#lock(key, waiting);
    try {
      await rm(join(this.partials, key), { force: true }).catch(() => {});
      return await make();
    } finally {
      lock.release();
    }
  }

  #lock(name: string, waiting: Waiting): Promise<Lock> {
    return writing(this.folder, () => lockExclusive(join(this.partials, `${name}.lock`), waiting));
  }

  /** Whether a blob is there, by its size. It is used by that. */
  async has({ digest, size }: Written): Promise<boolean> {
    this.used.add(digest);
    const found = await stat(this.path(digest)).catch(() => undefined);
    if (found?.isFile() !== true || found.size !== size) return false;
    await touch(this.path(digest));
    return true;
  }

  /** Whether a blob is there, and its bytes are those of its digest. It is read through. */
  async isSound(blob: Written, signal: AbortSignal): Promise<boolean> {
    if (!(await this.has(blob))) return false;
    try {
      return (await streamedDigest(this.bytes(blob, 0, signal))) === blob.digest;
    } catch {
      // Another build made room, or the disk cannot read it.
      signal.throwIfAborted();
      return false;
    }
  }

  bytes({ digest, size }: Written, start: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return fileBytes(this.path(digest), size, start, signal);
  }

  /** All bytes of a small blob, where it is there and sound. */
  async read(digest: string, mostBytes: number): Promise<Uint8Array | undefined> {
    const bytes = await readUpTo(this.path(digest), mostBytes);
    if (bytes === undefined || digestOf(bytes) !== digest) return undefined;
    this.used.add(digest);
    await touch(this.path(digest));
    return bytes;
  }

  /** Writes a blob, whose digest is known by then. `name`: what it is written under until then, by who has the lock of that. */
  async put(bytes: AsyncIterable<Uint8Array>, name: string = randomUUID()): Promise<Written> {
    const partial = join(this.partials, name);
    return writePartial(partial, bytes, this.folder, ({ digest }) => this.take(partial, digest));
  }

  /** Makes a whole file one of the cache, in the place of one that is damaged. */
  async take(path: string, digest: string): Promise<void> {
    this.used.add(digest);
    await writing(this.folder, () => rename(path, this.path(digest)));
  }
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** Undefined for a file that is not there, or is larger. */
async function readUpTo(path: string, mostBytes: number): Promise<Uint8Array | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > mostBytes) return undefined;
  return readFile(path).catch(() => undefined);
}

/** The time that a file was written is when it was last used. It need not succeed: then it goes sooner. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}
