import type { Datatype } from '../tensors/tensor.ts';

/** One input of a sample. */
export interface WarmupInput {
  readonly name: string;
  readonly datatype: Datatype;
  /** Of the whole tensor, rows included. */
  readonly shape: readonly number[];
  /** Zeros (or empty strings), made-up numbers, or a file of raw elements as OIP/V2's binary tensors have them. */
  readonly data: 'zero' | 'random' | { readonly file: string };
}

/** A request that a model must answer before it is ready; Triton's `model_warmup`. One that fails fails the load. */
export interface WarmupSample {
  /** For the log. */
  readonly name: string;
  readonly inputs: readonly WarmupInput[];
  /** How often it is run. */
  readonly count: number;
}
