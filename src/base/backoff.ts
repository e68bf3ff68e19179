/** Exponential backoff: `first`, then doubled at each attempt, never above `most`. All in milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly most: number;
}

/** The pause before attempt `attempt` (0 is the first retry). */
export function pauseBefore(attempt: number, { first, most }: Backoff): number {
  return Math.min(most, first * 2 ** Math.min(attempt, 30));
}
