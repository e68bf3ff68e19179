import { failure } from '#base';
import type { InferRequest } from '../models/signature.ts';
import type { RequestTimes } from '../statistics/model-statistics.ts';
import type { Tensor } from '../tensors/tensor.ts';
import type { Waiting } from './queue.ts';
import type { Trail } from './run-note.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A request that was taken on, from its place in the queue to its outputs. */
export class Pending implements Waiting {
  readonly request: InferRequest;
  readonly key: string;
  readonly rows: number;
  readonly priority: number;
  readonly deadline: number;
  readonly since: number;
  /** Milliseconds that it had from its arrival on. */
  readonly allowedMs: number;
  /** Bytes of its inputs. */
  readonly bytes: number;
  readonly times: Writable<RequestTimes>;
  readonly outputs: Promise<readonly Tensor[]>;
  /** Who wants to know of its runs. */
  readonly trail: Trail | undefined;
  /** Whether a run with it has begun. */
  started = false;
  /** Whether it was answered, or refused; whatever comes later is dropped. */
  settled = false;
  readonly #resolve: (outputs: readonly Tensor[]) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    request: InferRequest,
    waiting: Waiting,
    { allowedMs, bytes, trail }: { allowedMs: number; bytes: number; trail?: Trail | undefined },
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Tensor[]>();
    this.request = request;
    this.key = waiting.key;
    this.rows = waiting.rows;
    this.priority = waiting.priority;
    this.deadline = waiting.deadline;
    this.since = waiting.since;
    this.allowedMs = allowedMs;
    this.bytes = bytes;
    this.trail = trail;
    this.times = { rows: request.rows, queueMs: 0, inputMs: 0, inferMs: 0, outputMs: 0 };
    this.outputs = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(outputs: readonly Tensor[]): void {
    this.settled = true;
    this.#resolve(outputs);
  }

  reject(error: Error): void {
    this.settled = true;
    this.#reject(error);
  }

  /** Its deadline has passed. */
  expire(): void {
    this.reject(failure('deadline_exceeded', { seconds: this.allowedMs / 1000 }));
  }
}
