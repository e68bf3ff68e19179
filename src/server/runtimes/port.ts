import type { Place, Provider } from '../models/settings.ts';
import type { Signature } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** What executes models. A runtime is loaded only when a model needs it. */
export interface Runtime {
  /** OIP/V2's `<project>_<format>`. */
  readonly platform: string;
  /** Loads a model. Throws `model_invalid`, `model_unsupported` or `runtime_missing`. */
  load(path: string, options: LoadOptions): Promise<LoadedModel>;
}

export interface LoadOptions {
  /** Threads that one inference may use. */
  readonly threads: number;
  readonly provider: Provider;
}

export interface LoadedModel {
  readonly place: Place;
  /** Runs that may be under way at once: 1 on the event loop, otherwise its worker threads that are alive. May change. */
  readonly width: number;
  /** `batched` says what the shapes allow; whether rows are really independent is found out by warming up. */
  readonly signature: Signature;
  /** Inputs and outputs in the signature's order. Throws `inference_failed`. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  close(): Promise<void>;
}
