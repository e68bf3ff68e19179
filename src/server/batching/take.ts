/** The batching policy: pure, so that what it promises can be tested as properties. */

/** What the policy knows of a waiting request. */
export interface Waiting {
  /** Requests may share a run only when their keys are equal: the same sizes beyond the batch dimension. */
  readonly key: string;
  readonly rows: number;
  /** On the clock of `now`, milliseconds: past this, nobody wants the answer. */
  readonly deadline: number;
}

export interface Taken<T extends Waiting> {
  /** Runs together, in the order of arrival; empty when nothing waits. */
  readonly batch: readonly T[];
  /** Past their deadline. */
  readonly late: readonly T[];
  /** Still waiting, in the order of arrival. */
  readonly rest: readonly T[];
}

/**
 * Takes the oldest request that is not late, and with it, in order, every later one of its key while the rows stay
 * within `maxRows`. A request is never split and never waits for others; one with more rows than `maxRows` runs alone.
 */
export function take<T extends Waiting>(queue: readonly T[], maxRows: number, now: number): Taken<T> {
  const batch: T[] = [];
  const late: T[] = [];
  const rest: T[] = [];
  let rows = 0;
  let full = false;
  for (const waiting of queue) {
    if (waiting.deadline < now) late.push(waiting);
    else if (full || (batch[0] !== undefined && batch[0].key !== waiting.key)) rest.push(waiting);
    else if (batch.length > 0 && rows + waiting.rows > maxRows) {
      // Later, smaller ones must not overtake it.
      full = true;
      rest.push(waiting);
    } else {
      batch.push(waiting);
      rows += waiting.rows;
    }
  }
  return { batch, late, rest };
}
