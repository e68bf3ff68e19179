import type { InferRequest } from '../models/signature.ts';
import type { RequestTimes } from '../statistics/model-statistics.ts';
import type { Tensor } from '../tensors/tensor.ts';
import type { Trail } from './run-note.ts';

/** On what terms a request is to be answered. */
export interface Terms {
  /** When it began to arrive, milliseconds on the clock. */
  readonly since: number;
  /** Milliseconds from then to its answer, if whoever asks says so. */
  readonly deadlineMs?: number;
  /** From 1, the most urgent, if whoever asks says so. */
  readonly priority?: number;
}

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
  /** The trail, if there is one, is told of each run. Throws `deadline_unreachable` or `queue_full`. */
  submit(request: InferRequest, terms: Terms, trail?: Trail): Submitted;
  /** Resolves once nothing waits or runs. */
  idle(): Promise<void>;
  /** Nothing comes any more: timers that were set for what is long answered keep nothing alive. */
  close(): void;
}
