import { failure } from '#base';
import type { Signature } from '../../models/signature.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import type { Instance, Ran, SpawnOptions } from '../port.ts';
import { Instances } from './instances.ts';
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

/** For a thread to let its session go, after the run that it has. Milliseconds. */
const RELEASE_MS = 3000;

/** A model in worker threads, a session in each. Throws what the first that fails to load says; then none is left. */
export function openThreads(source: ThreadsSource): Promise<Instances> {
  const { path, options } = source;
  const { notice, instances } = options;
  const open = (): Promise<Instance> => ThreadInstance.open(source);
  return Instances.open({ place: 'threads', files: [path], open, notice }, instances);
}

/** A session in a worker thread. */
class ThreadInstance implements Instance {
  readonly signature: Signature;
  readonly buildMs: number;
  readonly #thread: Thread;
  /** Whether another model may have the thread. */
  readonly #isKept: boolean;

  private constructor(thread: Thread, { signature, start }: ThreadsSource, buildMs: number) {
    this.signature = signature;
    this.buildMs = buildMs;
    this.#thread = thread;
    this.#isKept = start === undefined;
  }

  static async open(source: ThreadsSource): Promise<ThreadInstance> {
    const { path, signature, options, start } = source;
    const { threads, provider } = options;
    const thread = start === undefined ? takeThread() : new Thread(start);
    try {
      const answer = await thread.ask({ kind: 'load', path, signature, options: { threads, provider } });
      return new ThreadInstance(thread, source, answer.kind === 'loaded' ? answer.ms : 0);
    } catch (error: unknown) {
      if (!thread.alive) return new ThreadInstance(thread, source, 0);
      thread.end();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#thread.alive;
  }

  get death(): Error {
    return this.#thread.death;
  }

  watch(onDeath: (problem: string) => void): void {
    this.#thread.watch(onDeath);
  }

  async run(inputs: readonly Tensor[]): Promise<Ran> {
    const { tensors, transfer } = packed(inputs);
    const answer = await this.#thread.ask({ kind: 'run', inputs: tensors }, transfer);
    if (answer.kind !== 'ran')
      throw failure('internal', { problem: `a model thread answered '${answer.kind}'` });
    return { outputs: unpacked(answer.outputs), ms: answer.ms };
  }

  async leave(): Promise<void> {
    if (!(await this.#thread.release(RELEASE_MS))) return;
    if (this.#isKept) keepThread(this.#thread);
    else this.#thread.end();
  }
}
