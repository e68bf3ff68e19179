import type { Place, Provider } from '../models/settings.ts';
import type { Signature } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** What executes models. A runtime is loaded only when a model needs it. */
export interface Runtime {
  /** OIP/V2's `<project>_<format>`. */
  readonly platform: string;
  /**
   * Loads a model on this thread. Throws `file_unreadable`, `model_invalid`, `model_unsupported`, `runtime_missing` or
   * `provider_missing`.
   */
  load(path: string, options: LoadOptions): Promise<LoadedModel>;
  /** Worker threads for models; what has none runs them on the event loop only. */
  readonly threads?: ThreadRuntime;
}

/** The part of a runtime that runs models in worker threads. */
export interface ThreadRuntime {
  /** Bytes of a model's files, and what else loading it would need first is made ready. Throws as `load` does. */
  weigh(path: string): Promise<number>;
  /** Loads a model in worker threads, one session in each. Throws as `load` does. */
  spawn(path: string, options: SpawnOptions): Promise<ThreadedModel>;
}

export interface LoadOptions {
  /** Threads that one inference may use. */
  readonly threads: number;
  readonly provider: Provider;
  /** Whether a session keeps memory for its next runs; it does if not said. */
  readonly arena?: boolean;
}

export interface SpawnOptions extends LoadOptions {
  /** Worker threads. */
  readonly instances: number;
  /** Told of each thread that dies or comes back. */
  readonly notice: (notice: ThreadNotice) => void;
}

/** What became of a worker thread. */
export interface ThreadNotice {
  readonly kind: 'died' | 'restarted' | 'hopeless';
  /** What it died of. */
  readonly problem?: string;
  /** Deaths since it last answered. */
  readonly deaths: number;
}

export interface LoadedModel {
  readonly place: Place;
  /** Runs that may be under way at once: 1 on the event loop, otherwise its worker threads that are alive, if any. May change. */
  readonly width: number;
  /** `batched` says what the shapes allow; whether rows are really independent is found out by warming up. */
  readonly signature: Signature;
  /** Milliseconds that the model took for the run that ended last, without any wait for a turn. */
  readonly lastMs?: number;
  /** Why it runs where it does. */
  readonly because?: string;
  /** Its worker threads end as soon as they are started: until one lives, it answers to nothing. May change. */
  readonly hopeless?: boolean;
  /**
   * Inputs and outputs in the signature's order. It consumes its inputs: their memory may move to another thread, after
   * which they are empty here. Throws `inference_failed` or `input_invalid`.
   */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  /** Lets go of the model, once the runs that are under way have ended or have had their time. */
  close(): Promise<void>;
}

/** A model in worker threads. */
export interface ThreadedModel extends LoadedModel {
  readonly place: 'threads';
  /** Milliseconds that a session took to build. */
  readonly buildMs: number;
  /** Adds threads until there are so many. Throws as `load` does; then there are as many as before. */
  widen(instances: number): Promise<void>;
}
