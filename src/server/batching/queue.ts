/** The order in which requests wait: the more urgent first, of those the one whose deadline is nearest, of those the oldest. */

/** What the policy knows of a waiting request. */
export interface Waiting {
  /** Requests may share a run only when their keys are equal: the same datatypes, and sizes beyond the batch. */
  readonly key: string;
  /** At least 1. */
  readonly rows: number;
  /** From 1, the most urgent. */
  readonly priority: number;
  /** Milliseconds on the clock: past this, nobody wants the answer. */
  readonly deadline: number;
  /** When it began to wait, on the same clock. */
  readonly since: number;
}

/**
 * Where a newcomer belongs in a queue that is in order; behind all that are its equals, so that equal deadlines stay
 * first in, first out. Looks from the end, where it nearly always is.
 */
export function placeOf(queue: readonly Waiting[], one: Waiting): number {
  let place = queue.length;
  while (place > 0 && precedes(one, queue[place - 1])) place--;
  return place;
}

function precedes(one: Waiting, other: Waiting | undefined): boolean {
  if (other === undefined) return false;
  if (one.priority !== other.priority) return one.priority < other.priority;
  return one.deadline < other.deadline;
}
