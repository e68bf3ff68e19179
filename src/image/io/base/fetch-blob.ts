import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { AppError, failure, messageOf, type Random } from '#base';
import { isWorthAnother, pauseAfter, type RegistryReader } from '#store';
import { type ImageName, imageText } from '../../image-name.ts';
import type { BlobCache } from '../cache/blob-cache.ts';
import { type Written, writeAll, writing } from '../writing.ts';

/** How registries are reached, and where what comes from them is kept. */
export interface Fetching {
  readonly cache: BlobCache;
  readonly open: (name: ImageName) => Promise<RegistryReader>;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?: ((progress: { phase: string; done: number; total: number }) => void) | undefined;
}

/** In a row without a byte. */
export const ATTEMPTS = 5;

/**
 * Puts a blob of an image in the cache, where it is not there or damaged. What broke off is gone on with, now or by the next build; of several builds
 * one fetches, and the others wait for it. Throws what the registry does, `digest_mismatch`, or the signal's reason.
 */
export async function fetchBlob(blob: Written, from: ImageName, fetching: Fetching): Promise<void> {
  const { cache, random, signal } = fetching;
  const lock = await cache.lock(blob.digest, { random, signal });
  try {
    // Whoever had the lock may have put it there.
    if (!(await cache.isSound(blob, signal))) await new Fetch(blob, from, fetching).run();
  } finally {
    lock.release();
  }
}

/** One blob, under its lock. */
class Fetch {
  readonly #blob: Written;
  readonly #from: ImageName;
  readonly #fetching: Fetching;
  readonly #path: string;
  #hash = createHash('sha256');
  #at = 0;

  constructor(blob: Written, from: ImageName, fetching: Fetching) {
    this.#blob = blob;
    this.#from = from;
    this.#fetching = fetching;
    this.#path = fetching.cache.partial(blob.digest);
  }

  async run(): Promise<void> {
    const reader = await this.#fetching.open(this.#from);
    try {
      const isResumed = await this.#fill(reader);
      // What was left by an earlier build may have been damaged since; what came whole just now is the registry's.
      if (!this.#isRight() && isResumed) await this.#fill(reader);
    } finally {
      reader.close();
    }
    if (!this.#isRight()) throw this.#mismatch();
    await this.#fetching.cache.take(this.#path, this.#blob.digest);
  }

  /** Whether some of it was there before. A file that turns out to be wrong is removed. */
  async #fill(reader: RegistryReader): Promise<boolean> {
    const { folder } = this.#fetching.cache;
    const file = await writing(folder, () => open(this.#path, 'a+', 0o644));
    try {
      const isResumed = await this.#survey(file);
      await this.#fetchRest(reader, file);
      if (!this.#isRight()) await rm(this.#path, { force: true });
      return isResumed;
    } finally {
      await file.close();
    }
  }

  /** What is there already is hashed; more than there should be is nothing of worth. */
  async #survey(file: FileHandle): Promise<boolean> {
    this.#hash = createHash('sha256');
    this.#at = 0;
    const { size } = await file.stat();
    if (size > this.#blob.size) await file.truncate(0);
    else if (size > 0)
      for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) this.#take(chunk);
    return this.#at > 0;
  }

  #take(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#at += chunk.length;
  }

  async #fetchRest(reader: RegistryReader, file: FileHandle): Promise<void> {
    const { signal } = this.#fetching;
    for (let failures = 0; this.#at < this.#blob.size; ) {
      const before = this.#at;
      try {
        await this.#fetchOnce(reader, file);
      } catch (error: unknown) {
        signal.throwIfAborted();
        failures = this.#at > before ? 1 : failures + 1;
        if (!isWorthAnother(error) || failures >= ATTEMPTS) throw this.#worded(error);
        await pauseAfter(error, failures, this.#fetching);
      }
    }
  }

  async #fetchOnce(reader: RegistryReader, file: FileHandle): Promise<void> {
    const { cache, signal, tell } = this.#fetching;
    const { digest, size } = this.#blob;
    const range = this.#at === 0 ? undefined : { start: this.#at, end: size };
    for await (const chunk of await reader.blob(digest, range, signal)) {
      if (this.#at + chunk.length > size) throw this.#invalid('has more bytes than its manifest says');
      await writing(cache.folder, () => writeAll(file, chunk));
      this.#take(chunk);
      tell?.({ phase: `fetch ${this.#from.repository}`, done: this.#at, total: size });
    }
    if (this.#at < size) throw new Error('it ended before all of it had come');
  }

  #isRight(): boolean {
    return `sha256:${this.#hash.copy().digest('hex')}` === this.#blob.digest;
  }

  get #shown(): string {
    return imageText(this.#from);
  }

  #worded(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const problem = `the blob ${this.#blob.digest} broke off: ${messageOf(error)}`;
    return failure('source_unavailable', { uri: this.#shown, problem }, error);
  }

  #invalid(problem: string): AppError {
    return failure('source_invalid', {
      uri: this.#shown,
      problem: `the blob ${this.#blob.digest} ${problem}`,
    });
  }

  #mismatch(): AppError {
    return failure('digest_mismatch', {
      path: this.#shown,
      file: 'a blob',
      expected: this.#blob.digest,
      found: `sha256:${this.#hash.copy().digest('hex')}`,
    });
  }
}
