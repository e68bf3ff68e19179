import { asAppError, type Clock, failure } from '#base';
import type { InferRequest } from '../../models/signature.ts';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { batchKey, joinInputs, splitOutputs } from '../join.ts';
import type { Engine, Submitted } from '../port.ts';
import { take, type Waiting } from '../take.ts';

/** What an executor tells as it works. */
export interface ExecutorEvents {
  /** A request left the queue after so many seconds. */
  queued(seconds: number): void;
  /** The model ran with so many rows. */
  ran(rows: number): void;
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

interface Pending extends Waiting {
  cancelled: boolean;
  /** Whether a run with it has begun. */
  started: boolean;
  readonly request: InferRequest;
  readonly since: number;
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

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  submit(request: InferRequest): Submitted {
    const { batched, clock, mostWaitMs } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Tensor[]>();
    const since = clock.now();
    const key = batched ? batchKey(request.inputs) : '';
    const deadline = since + mostWaitMs;
    const pending: Pending = {
      request,
      key,
      rows: request.rows,
      since,
      deadline,
      cancelled: false,
      started: false,
      resolve,
      reject,
    };
    this.#arrived.push(pending);
    this.#wake();
    return { outputs: promise, cancel: () => void (pending.cancelled = true) };
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
      for (const { reject } of this.#wanted()) reject(asAppError(error));
      this.#queue = [];
    } finally {
      this.#working = false;
      // What came after the queue was found empty, but before this, woke nobody.
      if (this.#arrived.length > 0) this.#wake();
    }
  }

  /** Takes a batch and runs it; says whether there was one. */
  async #runNext(): Promise<boolean> {
    const { batched, maxRows, clock, mostWaitMs } = this.#options;
    const { batch, late, rest } = take(this.#wanted(), batched ? maxRows : 1, clock.now());
    this.#queue = rest;
    for (const { reject } of late) reject(failure('deadline_exceeded', { seconds: mostWaitMs / 1000 }));
    if (batch.length > 0) await this.#run(batch);
    return batch.length > 0;
  }

  /** What waits, in the order of arrival, less what nobody wants any more. */
  #wanted(): readonly Pending[] {
    const queue = [...this.#queue, ...this.#arrived];
    this.#arrived = [];
    const gone = queue.filter(({ cancelled }) => cancelled);
    if (gone.length === 0) return queue;
    for (const { reject } of gone) reject(failure('client_gone', {}));
    return queue.filter(({ cancelled }) => !cancelled);
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
      if (!pending.started) events.queued((now - pending.since) / 1000);
      pending.started = true;
    }
  }

  async #infer(batch: readonly Pending[]): Promise<readonly (readonly Tensor[])[]> {
    const { model, batched, events } = this.#options;
    const rows = batch.map(pending => pending.rows);
    const outputs = await model.run(joinInputs(batch.map(({ request }) => request.inputs)));
    events.ran(rows.reduce((sum, count) => sum + count, 0));
    return batched ? splitOutputs(outputs, rows) : [outputs];
  }
}
