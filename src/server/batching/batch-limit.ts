/** How many rows a batch may have, so that whoever just missed one is still answered in time by the next. */
import type { LatencyTable, RunTime } from './latency.ts';

export interface BatchBounds {
  /** Rows, at most. */
  readonly maxRows: number;
  /** Milliseconds from the arrival of a request to its answer. */
  readonly deadlineMs: number;
}

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

  /** A run is over; the table has learnt of it. */
  ran({ ms }: RunTime): void {
    const wanted = 2 * ms > this.#bounds.deadlineMs ? Math.floor(this.#rows * 0.9) : this.#rows + 1;
    this.#rows = this.#affordable(Math.min(wanted, this.#bounds.maxRows));
  }

  /** At most so many rows, and no more than the table says are in time. */
  #affordable(most: number): number {
    let least = 1;
    let excess = most + 1;
    while (excess - least > 1) {
      const middle = Math.floor((least + excess) / 2);
      if (2 * this.#table.bound(middle) <= this.#bounds.deadlineMs) least = middle;
      else excess = middle;
    }
    return least;
  }
}
