import { failure, messageOf, pauseBefore } from '#base';
import type { Signature } from '../../models/signature.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import type { Instance, InstancedModel, InstanceNotice, InstancePlace } from '../port.ts';
import { FileStamp } from './file-stamp.ts';

export interface InstancesSource {
  readonly place: InstancePlace;
  /** The files of the model: no instance is of what took their place. */
  readonly files: readonly string[];
  /**
   * One more, with the model loaded, or dead of loading it: at once, when the signal says that nobody wants it any more. Throws
   * what says why the model cannot be loaded.
   */
  readonly open: (signal: AbortSignal) => Promise<Instance>;
  /** Told of each instance that dies or comes back. */
  readonly notice: (notice: InstanceNotice) => void;
}

/** Between the death of an instance and the next attempt. Milliseconds. */
const RESTART = { first: 20, most: 30_000 };

/** Failures in a row after which it is said that an instance does not come back. */
const HOPELESS = 5;

/** For an instance to be free, where a run was begun although none is. Milliseconds. */
const FREE_MS = 10_000;

/** Runs that may wait for a free instance: none does while no more are begun than `width` says. */
const MOST_WAITING = 64;

/**
 * A model beside the event loop, in instances that are supervised. One that dies fails the run that it had, and nothing else:
 * another is started, after growing pauses, and there are fewer until it is there.
 */
export class Instances implements InstancedModel {
  readonly place: InstancePlace;
  readonly #source: InstancesSource;
  readonly #stamp: FileStamp;
  #signature: Signature | undefined;
  readonly #alive: Instance[] = [];
  /** Of these, the ones with nothing to do. */
  readonly #free: Instance[] = [];
  readonly #waiting: PromiseWithResolvers<Instance>[] = [];
  readonly #closing = new AbortController();
  /** Since a run ended well. */
  #deaths = 0;
  #lastMs = 0;
  #buildMs = 0;

  private constructor(source: InstancesSource) {
    this.#source = source;
    this.#stamp = new FileStamp(source.files);
    this.place = source.place;
  }

  /** Throws what the first instance that fails to load says; then none is left. */
  static async open(source: InstancesSource, instances: number): Promise<Instances> {
    const model = new Instances(source);
    await model.widen(instances);
    return model;
  }

  /** That of the first instance. */
  get signature(): Signature {
    if (this.#signature === undefined) throw failure('internal', { problem: 'no instance was ever loaded' });
    return this.#signature;
  }

  get width(): number {
    return this.#alive.length;
  }

  get lastMs(): number {
    return this.#lastMs;
  }

  get hopeless(): boolean {
    return this.#alive.length === 0 && this.#deaths >= HOPELESS;
  }

  get buildMs(): number {
    return this.#buildMs;
  }

  async widen(instances: number): Promise<void> {
    const count = Math.max(0, instances - this.#alive.length);
    const started = await Promise.allSettled(Array.from({ length: count }, () => this.#load()));
    const loaded = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find(one => one.status === 'rejected');
    if (failed === undefined && !this.#closed) for (const instance of loaded) this.#take(instance);
    else await leave(loaded);
    if (failed !== undefined) throw failed.reason;
  }

  async run(inputs: readonly Tensor[], traces?: readonly string[]): Promise<readonly Tensor[]> {
    const instance = this.#free.pop() ?? (await this.#nextFree());
    try {
      const { outputs, ms } = await instance.run(inputs, traces);
      this.#lastMs = ms;
      this.#deaths = 0;
      return outputs;
    } finally {
      this.#release(instance);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    this.#free.length = 0;
    await leave(this.#alive.splice(0));
  }

  /** One that dies meanwhile may have been killed: another tries once more. */
  async #load(): Promise<Instance> {
    const first = await this.#open();
    if (first.alive || this.#closed) return first;
    const second = await this.#open();
    if (second.alive) return second;
    throw second.death;
  }

  async #open(): Promise<Instance> {
    this.#stamp.check();
    return this.#source.open(this.#closing.signal);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  #take(instance: Instance): void {
    this.#signature ??= instance.signature;
    this.#buildMs = instance.buildMs;
    this.#alive.push(instance);
    instance.watch(problem => this.#died(instance, problem));
    this.#release(instance);
  }

  /** To who waits longest, or to the free ones. */
  #release(instance: Instance): void {
    if (!instance.alive || !this.#alive.includes(instance)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(instance);
    else next.resolve(instance);
  }

  async #nextFree(): Promise<Instance> {
    if (this.#closed) throw closed();
    if (this.#waiting.length === MOST_WAITING) throw noneFree();
    const waiting = Promise.withResolvers<Instance>();
    this.#waiting.push(waiting);
    const timer = setTimeout(() => this.#giveUp(waiting), FREE_MS);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #giveUp(waiting: PromiseWithResolvers<Instance>): void {
    const at = this.#waiting.indexOf(waiting);
    if (at !== -1) this.#waiting.splice(at, 1);
    waiting.reject(noneFree());
  }

  #died(instance: Instance, problem: string): void {
    remove(this.#alive, instance);
    remove(this.#free, instance);
    if (this.#closed) return;
    this.#restartLater(this.#deaths + 1, problem);
  }

  /** `failures` in a row, with the one that is told now. */
  #restartLater(failures: number, problem: string): void {
    const { notice } = this.#source;
    this.#deaths = failures;
    notice({ kind: failures === HOPELESS ? 'hopeless' : 'died', problem, deaths: failures });
    setTimeout(() => void this.#restart(failures), pauseBefore(failures - 1, RESTART)).unref();
  }

  async #restart(failures: number): Promise<void> {
    if (this.#closed) return;
    try {
      const instance = await this.#load();
      if (this.#closed) return await leave([instance]);
      this.#take(instance);
      this.#source.notice({ kind: 'restarted', deaths: failures });
    } catch (error: unknown) {
      this.#restartLater(failures + 1, messageOf(error));
    }
  }
}

/** Nobody asks them any more, whatever becomes of them. */
async function leave(instances: readonly Instance[]): Promise<void> {
  await Promise.all(
    instances.map(instance => {
      instance.watch(() => {});
      return instance.leave();
    }),
  );
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at !== -1) list.splice(at, 1);
}

function closed(): Error {
  return failure('inference_failed', { problem: 'the model was closed before it ran' });
}

function noneFree(): Error {
  return failure('inference_failed', { problem: 'no instance of the model became free in time' });
}
