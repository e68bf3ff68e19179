/** Admission: whether a request can still be answered in time. Refusing it at once costs nothing; queueing it costs the others. */

/** What stands before a request. */
export interface Ahead {
  /** Rows that will run before it. */
  readonly rows: number;
  /** Milliseconds until a run may begin. */
  readonly busyMs: number;
  /** Runs that may be under way at once. */
  readonly width: number;
}

/** What a full batch is: its rows, and the milliseconds until it is answered once its turn has come. */
export interface FullBatch {
  readonly rows: number;
  readonly ms: number;
}

/**
 * Milliseconds until a request is answered, if its own batch is full, as those of a busy model are: what is under way, the
 * full batches before it shared by all that can run, and its own.
 */
export function expectedMs({ rows, busyMs, width }: Ahead, full: FullBatch): number {
  return busyMs + (Math.floor(rows / full.rows) * full.ms) / Math.max(1, width) + full.ms;
}
