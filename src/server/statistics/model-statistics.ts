/**
 * What one load of a model has done so far, as the statistics extension of OIP/V2 tells it. Only what succeeded counts
 * as queued and computed, so that those counts are equal.
 */
import { type DurationSnapshot, DurationSum } from './duration.ts';

/** What a run took, its parts in milliseconds. */
export interface RunTimes {
  /** Joining the inputs of its requests. */
  readonly inputMs: number;
  readonly inferMs: number;
  /** Splitting its outputs. */
  readonly outputMs: number;
}

/** What a request took; the run's times are those of the whole batch, as each of its requests waited for all of it. */
export interface RequestTimes extends RunTimes {
  readonly queueMs: number;
  readonly rows: number;
}

interface ComputeSnapshot {
  readonly computeInput: DurationSnapshot;
  readonly computeInfer: DurationSnapshot;
  readonly computeOutput: DurationSnapshot;
}

/** Runs with so many rows. */
export interface BatchSnapshot extends ComputeSnapshot {
  readonly batchSize: number;
}

/** A load's statistics at one moment. */
export interface StatisticsSnapshot extends ComputeSnapshot {
  /** The end of the latest run, in milliseconds since the epoch; 0 before the first. */
  readonly lastInference: number;
  /** Rows of the requests that succeeded. */
  readonly inferenceCount: number;
  /** Runs of the model that succeeded. */
  readonly executionCount: number;
  readonly success: DurationSnapshot;
  readonly fail: DurationSnapshot;
  readonly queue: DurationSnapshot;
  /** By rows, ascending. */
  readonly batches: readonly BatchSnapshot[];
}

/** Clients choose how many rows they send: of runs with yet other numbers only the totals are kept. */
const MOST_BATCH_SIZES = 1024;

class ComputeSums {
  readonly #input = new DurationSum();
  readonly #infer = new DurationSum();
  readonly #output = new DurationSum();

  add({ inputMs, inferMs, outputMs }: RunTimes): void {
    this.#input.add(inputMs);
    this.#infer.add(inferMs);
    this.#output.add(outputMs);
  }

  snapshot(): ComputeSnapshot {
    return {
      computeInput: this.#input.snapshot(),
      computeInfer: this.#infer.snapshot(),
      computeOutput: this.#output.snapshot(),
    };
  }
}

/** Counts one load of a model; a model that is loaded again begins anew. */
export class ModelStatistics {
  readonly #success = new DurationSum();
  readonly #fail = new DurationSum();
  readonly #queue = new DurationSum();
  readonly #compute = new ComputeSums();
  readonly #batches = new Map<number, ComputeSums>();
  #inferences = 0;
  #executions = 0;
  #lastInference = 0;

  /** The model ran, and ended at `epochMs`. */
  ran(rows: number, times: RunTimes, epochMs: number): void {
    this.#executions++;
    this.#lastInference = epochMs;
    this.#batchOf(rows)?.add(times);
  }

  /** A request was answered, `ms` after it began to arrive. */
  succeeded(ms: number, times: RequestTimes): void {
    this.#success.add(ms);
    this.#queue.add(times.queueMs);
    this.#compute.add(times);
    this.#inferences += times.rows;
  }

  /** A request failed, whoever was to blame, `ms` after it began to arrive. */
  failed(ms: number): void {
    this.#fail.add(ms);
  }

  snapshot(): StatisticsSnapshot {
    const batches = [...this.#batches].toSorted(([a], [b]) => a - b);
    return {
      lastInference: this.#lastInference,
      inferenceCount: this.#inferences,
      executionCount: this.#executions,
      success: this.#success.snapshot(),
      fail: this.#fail.snapshot(),
      queue: this.#queue.snapshot(),
      ...this.#compute.snapshot(),
      batches: batches.map(([batchSize, sums]) => ({ batchSize, ...sums.snapshot() })),
    };
  }

  #batchOf(rows: number): ComputeSums | undefined {
    const found = this.#batches.get(rows);
    if (found !== undefined || this.#batches.size === MOST_BATCH_SIZES) return found;
    const made = new ComputeSums();
    this.#batches.set(rows, made);
    return made;
  }
}
