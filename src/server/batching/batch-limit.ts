/** How many rows a batch may have, so that whoever just missed one is still answered in time by the next. */
import type { LatencyTable, RunTime } from './latency.ts';

export interface BatchBounds {
  /** Rows, at most. */
  readonly maxRows: number;
  /** Milliseconds from the arrival of a request to its answer. */
  readonly deadlineMs: number;
}

/** How far beyond half of the deadline what is expected may go before the limit follows. */
const HYSTERESIS = 1.1;

/**
 * The largest number of rows whose run takes half of the deadline at most: a request may have to wait for one run before
 * its own (Nexus, SOSP 2019). Corrected by what happens, since the table may be behind: a tenth less after a run that took
 * longer, one more after each that did not (AIMD, as in Clipper, NSDI 2017).
 */
export class BatchLimit {
  readonly #bounds: BatchBounds;
  readonly #table: LatencyTable;
  #rows: number;

  constructor(bounds: BatchBounds, table: LatencyTable) {
    this.#bounds = bounds;
    this.#table = table;
    this.#rows = this.#affordable(bounds.maxRows);
  }

  /** At least 1. */
  get rows(): number {
    return this.#rows;
  }

  /** What it may be after the next run, at most. */
  get next(): number {
    return Math.min(this.#rows + 1, this.#bounds.maxRows);
  }

  /** A run is over; the table has learnt of it. */
  ran({ ms }: RunTime): void {
    const { maxRows, deadlineMs } = this.#bounds;
    if (2 * ms > deadlineMs) this.#rows = Math.max(1, Math.floor(this.#rows * 0.9));
    // What was promised by one limit must not be broken by the next: a little more doubt does not lower it.
    else if (!this.#affords(this.#rows, HYSTERESIS)) this.#rows = this.#affordable(this.#rows);
    else if (this.#rows < maxRows && this.#affords(this.#rows + 1)) this.#rows++;
  }

  #affords(rows: number, slack = 1): boolean {
    return 2 * this.#table.bound(rows) <= slack * this.#bounds.deadlineMs;
  }

  /** At most so many rows, and no more than the table says are in time. */
  #affordable(most: number): number {
    let least = 1;
    let excess = most + 1;
    while (excess - least > 1) {
      const middle = Math.floor((least + excess) / 2);
      if (this.#affords(middle)) least = middle;
      else excess = middle;
    }
    return least;
  }
}
