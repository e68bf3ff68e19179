import { Worker } from 'node:worker_threads';
import { failure, messageOf } from '#base';
import type { Job, Told } from './jobs.ts';

/** In a bundle, the thread's program lies beside this one. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './hash-thread.ts' : './hash-thread.js',
  import.meta.url,
);

/** A job without the number that it goes by. */
export type Unnumbered<J extends Job = Job> = J extends unknown ? Omit<J, 'id'> : never;

export interface Asking {
  /** One that was claimed before; a new one without. */
  readonly id?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onPosition?: ((position: number) => void) | undefined;
}

interface Waiter extends Pick<Asking, 'onPosition'> {
  readonly resolve: (told: Told) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that reads files. It keeps the process alive only while somebody waits for it. */
export class ReadingThread {
  readonly #worker = new Worker(PROGRAM, {
    name: 'hashing',
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  readonly #waiting = new Map<number, Waiter>();
  readonly #claimed = new Set<number>();
  /** What went wrong with a file before anybody asked how it ended. */
  readonly #failed = new Map<number, Error>();
  #count = 0;

  constructor(onEnd: () => void) {
    let problem = 'it ended';
    this.#worker.on('message', (told: Told) => this.#hear(told));
    this.#worker.on('error', error => (problem = messageOf(error)));
    this.#worker.once('exit', () => {
      onEnd();
      const death = failure('internal', { problem: `the thread that hashes died: ${problem}` });
      for (const { reject } of this.#waiting.values()) reject(death);
      this.#waiting.clear();
    });
    // Last: listening for messages keeps the process alive again.
    this.#worker.unref();
  }

  /** Files that it is not done with. */
  get load(): number {
    return this.#claimed.size;
  }

  claim(): number {
    const id = this.#count++;
    this.#claimed.add(id);
    return id;
  }

  disclaim(id: number): void {
    this.#claimed.delete(id);
    this.#failed.delete(id);
  }

  tell(job: Job): void {
    this.#worker.postMessage(job, []);
  }

  /** Rejects with what went wrong with its file, as Node words it, or the signal's reason. */
  async ask(job: Unnumbered, { id, signal, onPosition }: Asking = {}): Promise<Told> {
    const own = id ?? this.claim();
    const { promise, resolve, reject } = Promise.withResolvers<Told>();
    const failed = this.#failed.get(own);
    if (failed !== undefined) reject(failed);
    this.#waiting.set(own, { resolve, reject, onPosition });
    this.#worker.ref();
    this.tell({ ...job, id: own });
    try {
      return await orAborted(promise, signal);
    } finally {
      this.#waiting.delete(own);
      if (this.#waiting.size === 0) this.#worker.unref();
      if (id === undefined) this.disclaim(own);
    }
  }

  #hear(told: Told): void {
    const waiter = this.#waiting.get(told.id);
    if (told.kind === 'progress') return waiter?.onPosition?.(told.position);
    if (told.kind !== 'failed') return waiter?.resolve(told);
    const error = Object.assign(new Error(told.problem), { code: told.code });
    if (waiter !== undefined) return waiter.reject(error);
    if (this.#claimed.has(told.id)) this.#failed.set(told.id, error);
    return undefined;
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
