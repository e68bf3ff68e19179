import type { InferRequest } from '../models/signature.ts';
import type { RequestTimes } from '../statistics/model-statistics.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** A request that was taken on. */
export interface Submitted {
  /** Rejects with `inference_failed`, `deadline_exceeded` or, after `cancel`, `client_gone`. */
  readonly outputs: Promise<readonly Tensor[]>;
  /** What it took; known once its outputs are. */
  readonly times: RequestTimes;
  /** Nobody wants the answer any more: it is dropped unless it is being made. */
  readonly cancel: () => void;
}

/** What runs requests of one model. */
export interface Engine {
  submit(request: InferRequest): Submitted;
  /** Resolves once nothing waits or runs. */
  idle(): Promise<void>;
}
