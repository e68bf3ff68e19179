/** What a model's worker thread and the event loop send each other: plain data. Questions are answered in order. */
import type { ErrorCode } from '#base';
import type { Signature } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';
import type { LoadOptions } from './port.ts';

export type Question =
  | {
      readonly kind: 'load';
      readonly path: string;
      readonly options: LoadOptions;
      readonly signature: Signature;
    }
  | { readonly kind: 'run'; readonly inputs: readonly Tensor[] }
  /** Let the session go: the thread may load another model. */
  | { readonly kind: 'release' }
  /** The same, and come to an end. Without an answer. */
  | { readonly kind: 'end' };

export type Answer =
  | { readonly kind: 'loaded'; readonly ms: number }
  | { readonly kind: 'ran'; readonly outputs: readonly Tensor[]; readonly ms: number }
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly facts: object };
