import { asAppError, type Clock, failure } from '#base';
import type { InferRequest } from '../../models/signature.ts';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { RequestTimes, RunTimes } from '../../statistics/model-statistics.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { batchKey, joinInputs, splitOutputs } from '../join.ts';
import type { Engine, Submitted } from '../port.ts';
import { take, type Waiting } from '../take.ts';

/** What an executor tells as it works. */
export interface ExecutorEvents {
  /** A request left the queue after so many seconds. */
  queued(seconds: number): void;
  /** The model ran with so many rows. */
  ran(rows: number, times: RunTimes): void;
}

export interface ExecutorOptions {
  readonly model: LoadedModel;
  /** Whether requests may share a run. */
  readonly batched: boolean;
  readonly maxRows: number;
  /** A request that waited this long is refused when its turn comes. */
  readonly mostWaitMs: number;
  readonly clock: Clock;
  readonly events: ExecutorEvents;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Pending extends Waiting {
  /** Whether a run with it has begun. */
  started: boolean;
  readonly request: InferRequest;
  readonly since: number;
  readonly times: Writable<RequestTimes>;
  readonly resolve: (outputs: readonly Tensor[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs one model's requests. What arrives in one turn of the event loop runs together; while a run is under way, the
 * next batch gathers. Nothing waits for company, so an idle model answers a lone request at once.
 */
export class Executor implements Engine {
  readonly #options: ExecutorOptions;
  #queue: readonly Pending[] = [];
  #arrived: Pending[] = [];
  #working = false;
  /** Called back, and forgotten, when there is nothing more to do. */
  #onIdle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  submit(request: InferRequest): Submitted {
    const { batched, clock, mostWaitMs } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Tensor[]>();
    const since = clock.now();
    const key = batched ? batchKey(request.inputs) : '';
    const deadline = since + Math.min(mostWaitMs, request.mostWaitMs ?? Infinity);
    const { rows } = request;
    const times = { rows, queueMs: 0, inputMs: 0, inferMs: 0, outputMs: 0 };
    const pending: Pending = {
      request,
      times,
      key,
      rows,
      since,
      deadline,
      started: false,
      resolve,
      reject,
    };
    this.#arrived.push(pending);
    this.#wake();
    return { outputs: promise, times, cancel: () => this.#drop(pending) };
  }

  async idle(): Promise<void> {
    if (!this.#working) return;
    await new Promise<void>(resolve => this.#onIdle.push(resolve));
  }

  #wake(): void {
    if (this.#working) return;
    this.#working = true;
    setImmediate(() => void this.#work());
  }

  /** Never rejects, and never stays at work: a fault of ours fails what waits, not what comes later. */
  async #work(): Promise<void> {
    try {
      while (await this.#runNext());
    } catch (error: unknown) {
      for (const { reject } of this.#waiting()) reject(asAppError(error));
      this.#queue = [];
    } finally {
      this.#working = false;
      // What came after the queue was found empty, but before this, woke nobody.
      if (this.#arrived.length > 0) this.#wake();
      else for (const tell of this.#onIdle.splice(0)) tell();
    }
  }

  /** Takes a batch and runs it; says whether there was one. */
  async #runNext(): Promise<boolean> {
    const { batched, maxRows, clock } = this.#options;
    const { batch, late, rest } = take(this.#waiting(), batched ? maxRows : 1, clock.now());
    this.#queue = rest;
    for (const { reject, since, deadline } of late)
      reject(failure('deadline_exceeded', { seconds: (deadline - since) / 1000 }));
    if (batch.length > 0) await this.#run(batch);
    return batch.length > 0;
  }

  /** What waits, in the order of arrival. */
  #waiting(): readonly Pending[] {
    const queue = [...this.#queue, ...this.#arrived];
    this.#arrived = [];
    return queue;
  }

  /** Lets go of what nobody wants any more, at once: its turn may be long in coming. What was begun is finished. */
  #drop(pending: Pending): void {
    if (pending.started) return;
    this.#queue = this.#queue.filter(one => one !== pending);
    this.#arrived = this.#arrived.filter(one => one !== pending);
    pending.reject(failure('client_gone', {}));
  }

  async #run(batch: readonly Pending[]): Promise<void> {
    try {
      this.#countWait(batch);
      const outputs = await this.#infer(batch);
      batch.forEach((pending, index) => pending.resolve(outputs[index] ?? []));
    } catch (error: unknown) {
      if (batch.length === 1) batch[0]?.reject(asAppError(error));
      // One of them may be to blame: alone, only that one fails.
      else for (const pending of batch) await this.#run([pending]);
    }
  }

  /** A request that is tried again alone has waited once. */
  #countWait(batch: readonly Pending[]): void {
    const { clock, events } = this.#options;
    const now = clock.now();
    for (const pending of batch) {
      if (pending.started) continue;
      pending.started = true;
      pending.times.queueMs = now - pending.since;
      events.queued(pending.times.queueMs / 1000);
    }
  }

  async #infer(batch: readonly Pending[]): Promise<readonly (readonly Tensor[])[]> {
    const { model, batched, clock } = this.#options;
    const begun = clock.now();
    const inputs = joinInputs(batch.map(({ request }) => request.inputs));
    const joined = clock.now();
    const outputs = await model.run(inputs);
    const ran = clock.now();
    const rows = batch.map(pending => pending.rows);
    const parts = batched ? splitOutputs(outputs, rows) : [outputs];
    const times = { inputMs: joined - begun, inferMs: ran - joined, outputMs: clock.now() - ran };
    this.#tell(batch, times);
    return parts;
  }

  #tell(batch: readonly Pending[], times: RunTimes): void {
    let rows = 0;
    for (const pending of batch) {
      rows += pending.rows;
      pending.times.inputMs = times.inputMs;
      pending.times.inferMs = times.inferMs;
      pending.times.outputMs = times.outputMs;
    }
    this.#options.events.ran(rows, times);
  }
}
