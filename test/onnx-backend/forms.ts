/** The forms in which a prediction is asked for and answered. */

import type { Carried } from './compare.ts';
import type { RawTensor } from './tensor.ts';

/** Where a server listens. */
export interface Place {
  /** `http://host:port`. */
  readonly http: string;
  /** `host:port`. */
  readonly grpc: string;
}

export interface Question {
  readonly model: string;
  readonly inputs: readonly RawTensor[];
  /** The outputs that are wanted, by what ONNX Runtime makes of them; empty when it makes nothing. */
  readonly wanted: readonly RawTensor[];
}

/** What a server answered: outputs, or why there are none. */
export type Reply = { readonly outputs: readonly RawTensor[] } | { readonly error: string };

export interface Form {
  readonly name: string;
  /** How an output carries over in this form. */
  readonly carries: (tensor: RawTensor) => Carried;
  readonly ask: (question: Question) => Promise<Reply>;
}
