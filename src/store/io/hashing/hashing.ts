import { availableParallelism } from 'node:os';
import { failure } from '#base';
import type { ByteRange } from '../../source.ts';
import type { Algorithm } from './digesting.ts';
import type { Job } from './jobs.ts';
import { type Asking, ReadingThread } from './reading-thread.ts';

/** More than the disk and the memory can feed is of no use. */
const MOST_THREADS = 4;

/** Fewer messages: each wakes a thread. Bytes. */
const LEAST_STEP = 16 * 2 ** 20;

type HashJob = Extract<Job, { kind: 'hash' }>;

export interface Hashed {
  readonly size: number;
  /** In the order of the algorithms asked for. */
  readonly hexes: readonly string[];
}

/** Threads that read files through, started when they are first needed. */
class Hashing {
  readonly #threads = new Set<ReadingThread>();

  /** A file's SHA-256, as it is now. Throws what reading it throws, as Node words it, or the signal's reason. */
  async file(path: string, asking: Pick<Asking, 'signal' | 'onPosition'> = {}): Promise<Hashed> {
    return this.follow(path, ['sha256'], undefined).end(asking);
  }

  /** A file that is still being written. Its size, where it is known, is what Git hashes before the bytes. */
  follow(path: string, algorithms: readonly Algorithm[], size: number | undefined): FollowedFile {
    return new FollowedFile(this.#idlest(), { path, algorithms, size });
  }

  /** The CRC-32 of each range; -1 for one that is not all there. */
  async crcs(path: string, ranges: readonly ByteRange[]): Promise<readonly number[]> {
    const told = await this.#idlest().ask({ kind: 'check', path, ranges });
    return told.kind === 'checked' ? told.crcs : [];
  }

  /** Waits until the disk has them. */
  async sync(paths: readonly string[]): Promise<void> {
    await this.#idlest().ask({ kind: 'sync', paths });
  }

  #idlest(): ReadingThread {
    const idle = [...this.#threads].toSorted((a, b) => a.load - b.load)[0];
    const most = Math.max(1, Math.min(MOST_THREADS, availableParallelism()));
    if (idle !== undefined && (idle.load === 0 || this.#threads.size >= most)) return idle;
    const thread: ReadingThread = new ReadingThread(() => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }
}

/** One for the process: threads are dear, and two pulls read from one disk. */
export const hashing = new Hashing();

export class FollowedFile {
  readonly #thread: ReadingThread;
  readonly #job: Omit<HashJob, 'upTo' | 'isLast'>;
  #reached = 0;

  constructor(thread: ReadingThread, file: Pick<HashJob, 'path' | 'algorithms' | 'size'>) {
    this.#thread = thread;
    this.#job = { kind: 'hash', id: thread.claim(), ...file };
  }

  /** All before this offset is written. */
  reach(offset: number): void {
    if (offset - this.#reached < LEAST_STEP) return;
    this.#reached = offset;
    this.#thread.tell({ ...this.#job, upTo: offset, isLast: false });
  }

  /** All of it is written: its digests. */
  async end(asking: Pick<Asking, 'signal' | 'onPosition'> = {}): Promise<Hashed> {
    const { id } = this.#job;
    try {
      const told = await this.#thread.ask({ ...this.#job, upTo: undefined, isLast: true }, { ...asking, id });
      if (told.kind === 'hashed') return told;
      throw failure('internal', { problem: `a thread that hashes answered '${told.kind}'` });
    } finally {
      this.drop();
    }
  }

  /** It will not be ended. */
  drop(): void {
    const { id } = this.#job;
    this.#thread.tell({ kind: 'drop', id });
    this.#thread.disclaim(id);
  }
}
