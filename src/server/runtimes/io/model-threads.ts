import { failure, messageOf, pauseBefore } from '#base';
import type { Signature } from '../../models/signature.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import type { SpawnOptions, ThreadedModel } from '../port.ts';
import { checkStamp, stampOf } from './file-stamp.ts';
import { packed, unpacked } from './parcels.ts';
import { keepThread, takeThread } from './spares.ts';
import { type StartWorker, Thread } from './thread.ts';

export interface ThreadsSource {
  readonly path: string;
  readonly signature: Signature;
  readonly options: SpawnOptions;
  /** How a thread is started; for tests, another way. */
  readonly start?: StartWorker;
}

/** Between the death of a thread and the next attempt. Milliseconds. */
const RESTART = { first: 20, most: 30_000 };

/** Failures in a row after which it is said that a thread does not come back. */
const HOPELESS = 5;

/** For a thread to let its session go, after the run that it has. Milliseconds. */
const RELEASE_MS = 3000;

/** For a thread to be free, where a run was begun although none is. Milliseconds. */
const FREE_MS = 10_000;

/** Runs that may wait for a free thread: none does while no more are begun than `width` says. */
const MOST_WAITING = 64;

/**
 * A model in worker threads, a session in each. A thread that dies fails the run that it had, and nothing else: it is
 * started again, with growing pauses, and there are fewer until it is back.
 */
export class ModelThreads implements ThreadedModel {
  readonly place = 'threads';
  readonly #source: ThreadsSource;
  readonly #stamp: string;
  readonly #threads: Thread[] = [];
  /** Of these, the ones with nothing to do. */
  readonly #free: Thread[] = [];
  readonly #waiting: PromiseWithResolvers<Thread>[] = [];
  #closed = false;
  /** Since a run ended well. */
  #deaths = 0;
  #lastMs = 0;
  #buildMs = 0;

  private constructor(source: ThreadsSource) {
    this.#source = source;
    this.#stamp = stampOf(source.path);
  }

  /** Throws what the first thread that fails to load says; then none is left. */
  static async open(source: ThreadsSource): Promise<ModelThreads> {
    const model = new ModelThreads(source);
    await model.widen(source.options.instances);
    return model;
  }

  get signature(): Signature {
    return this.#source.signature;
  }

  get width(): number {
    return this.#threads.length;
  }

  get lastMs(): number {
    return this.#lastMs;
  }

  get hopeless(): boolean {
    return this.#threads.length === 0 && this.#deaths >= HOPELESS;
  }

  get buildMs(): number {
    return this.#buildMs;
  }

  async widen(instances: number): Promise<void> {
    const count = Math.max(0, instances - this.#threads.length);
    const started = await Promise.allSettled(Array.from({ length: count }, () => this.#load()));
    const threads = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find(one => one.status === 'rejected');
    if (failed === undefined && !this.#closed) for (const thread of threads) this.#take(thread);
    else await this.#leave(threads);
    if (failed !== undefined) throw failed.reason;
  }

  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const thread = this.#free.pop() ?? (await this.#nextFree());
    try {
      const { tensors, transfer } = packed(inputs);
      const answer = await thread.ask({ kind: 'run', inputs: tensors }, transfer);
      if (answer.kind !== 'ran')
        throw failure('internal', { problem: `a model thread answered '${answer.kind}'` });
      this.#lastMs = answer.ms;
      this.#deaths = 0;
      return unpacked(answer.outputs);
    } finally {
      this.#release(thread);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    this.#free.length = 0;
    await this.#leave(this.#threads.splice(0));
  }

  /** Lets threads go of the model, and keeps those that can have another. */
  async #leave(threads: readonly Thread[]): Promise<void> {
    await Promise.all(threads.map(thread => this.#letGo(thread)));
  }

  async #letGo(thread: Thread): Promise<void> {
    thread.watch(() => {});
    if (!(await thread.release(RELEASE_MS))) return;
    if (this.#source.start === undefined) keepThread(thread);
    else thread.end();
  }

  /** A thread that has its session. One that dies meanwhile may have been killed: another tries once more. */
  async #load(): Promise<Thread> {
    const first = await this.#open();
    if (first.alive) return first;
    const second = await this.#open();
    if (second.alive) return second;
    throw second.death;
  }

  /** A thread that has its session, or has died of it. */
  async #open(): Promise<Thread> {
    const { path, signature, options, start } = this.#source;
    const { threads, provider } = options;
    checkStamp(path, this.#stamp);
    const thread = start === undefined ? takeThread() : new Thread(start);
    try {
      const answer = await thread.ask({ kind: 'load', path, signature, options: { threads, provider } });
      if (answer.kind === 'loaded') this.#buildMs = answer.ms;
      return thread;
    } catch (error: unknown) {
      if (!thread.alive) return thread;
      thread.end();
      throw error;
    }
  }

  #take(thread: Thread): void {
    this.#threads.push(thread);
    thread.watch(problem => this.#died(thread, problem));
    this.#release(thread);
  }

  /** To who waits longest, or to the free ones. */
  #release(thread: Thread): void {
    if (!thread.alive || !this.#threads.includes(thread)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(thread);
    else next.resolve(thread);
  }

  async #nextFree(): Promise<Thread> {
    if (this.#closed) throw closed();
    if (this.#waiting.length === MOST_WAITING) throw noneFree();
    const waiting = Promise.withResolvers<Thread>();
    this.#waiting.push(waiting);
    const timer = setTimeout(() => this.#giveUp(waiting), FREE_MS);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #giveUp(waiting: PromiseWithResolvers<Thread>): void {
    const at = this.#waiting.indexOf(waiting);
    if (at !== -1) this.#waiting.splice(at, 1);
    waiting.reject(noneFree());
  }

  #died(thread: Thread, problem: string): void {
    remove(this.#threads, thread);
    remove(this.#free, thread);
    if (this.#closed) return;
    this.#restartLater(this.#deaths + 1, problem);
  }

  /** `failures` in a row, with the one that is told now. */
  #restartLater(failures: number, problem: string): void {
    const { notice } = this.#source.options;
    this.#deaths = failures;
    notice({ kind: failures === HOPELESS ? 'hopeless' : 'died', problem, deaths: failures });
    setTimeout(() => void this.#restart(failures), pauseBefore(failures - 1, RESTART)).unref();
  }

  async #restart(failures: number): Promise<void> {
    if (this.#closed) return;
    try {
      const thread = await this.#load();
      if (this.#closed) return await this.#letGo(thread);
      this.#take(thread);
      this.#source.options.notice({ kind: 'restarted', deaths: failures });
    } catch (error: unknown) {
      this.#restartLater(failures + 1, messageOf(error));
    }
  }
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at !== -1) list.splice(at, 1);
}

function closed(): Error {
  return failure('inference_failed', { problem: 'the model was closed before it ran' });
}

function noneFree(): Error {
  return failure('inference_failed', { problem: 'no worker thread of the model became free in time' });
}
