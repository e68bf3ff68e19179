import type { Place, Provider } from '../models/settings.ts';
import type { Signature } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** What executes models. A runtime is loaded only when a model needs it. */
export interface Runtime {
  /** OIP/V2's `<project>_<format>`. */
  readonly platform: string;
  /**
   * Loads a model on this thread; undefined for a runtime that cannot. Throws `file_unreadable`, `model_invalid`,
   * `model_unsupported`, `runtime_missing` or `provider_missing`.
   */
  readonly load?: (path: string, options: LoadOptions) => Promise<LoadedModel>;
  /** Instances of models beside the event loop; what has none runs them on it only. */
  readonly beside?: InstanceRuntime;
}

/** The part of a runtime that runs models beside the event loop. */
export interface InstanceRuntime {
  readonly place: InstancePlace;
  /** Bytes of a model's files, and what else loading it would need first is made ready. Throws as `load` does. */
  weigh(path: string): Promise<number>;
  /** Loads a model in instances of its own. Throws as `load` does. */
  spawn(path: string, options: SpawnOptions): Promise<InstancedModel>;
}

/** In a worker thread each, or in a process each. */
export type InstancePlace = Exclude<Place, 'inline'>;

export interface LoadOptions {
  /** Threads that one inference may use. */
  readonly threads: number;
  readonly provider: Provider;
  /** Whether a session keeps memory for its next runs; it does if not said. */
  readonly arena?: boolean;
}

export interface SpawnOptions extends LoadOptions {
  readonly instances: number;
  /** Told of each instance that dies or comes back. */
  readonly notice: (notice: InstanceNotice) => void;
}

/** What became of an instance. */
export interface InstanceNotice {
  readonly kind: 'died' | 'restarted' | 'hopeless';
  /** What it died of. */
  readonly problem?: string;
  /** Deaths since it last answered. */
  readonly deaths: number;
}

export interface LoadedModel {
  readonly place: Place;
  /** Runs that may be under way at once: 1 on the event loop, otherwise its instances that are alive, if any. May change. */
  readonly width: number;
  /** `batched` says what the shapes allow; whether rows are really independent is found out by warming up. */
  readonly signature: Signature;
  /** Milliseconds that the model took for the run that ended last, without any wait for a turn. */
  readonly lastMs?: number;
  /** Why it runs where it does. */
  readonly because?: string;
  /** Its instances end as soon as they are started: until one lives, it answers to nothing. May change. */
  readonly hopeless?: boolean;
  /**
   * Inputs and outputs in the signature's order. It consumes its inputs: their memory may move to another thread, after
   * which they are empty here. Of those who are traced, the model may be told a `traceparent` each. Throws
   * `inference_failed` or `input_invalid`.
   */
  run(inputs: readonly Tensor[], traces?: readonly string[]): Promise<readonly Tensor[]>;
  /** Lets go of the model, once the runs that are under way have ended or have had their time. */
  close(): Promise<void>;
}

/** A model beside the event loop. */
export interface InstancedModel extends LoadedModel {
  readonly place: InstancePlace;
  /** Milliseconds that an instance took to load it. */
  readonly buildMs: number;
  /** Adds instances until there are so many. Throws as `load` does; then there are as many as before. */
  widen(instances: number): Promise<void>;
}

/** One copy of a model beside the event loop. It answers in order, and works on what it was asked until it has. */
export interface Instance {
  readonly signature: Signature;
  /** Milliseconds that it took to load the model. */
  readonly buildMs: number;
  readonly alive: boolean;
  /** What is asked of it fails with, once it is dead. */
  readonly death: Error;
  /** From now on this is called, and no other, when it dies: with what it died of. */
  watch(onDeath: (problem: string) => void): void;
  run(inputs: readonly Tensor[], traces?: readonly string[]): Promise<Ran>;
  /** Lets it go of the model, after the run that it has. Resolves when it has, or has had its time. */
  leave(): Promise<void>;
}

export interface Ran {
  readonly outputs: readonly Tensor[];
  /** What the model took. Milliseconds. */
  readonly ms: number;
}
