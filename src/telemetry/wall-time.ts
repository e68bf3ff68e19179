import type { Clock } from '#base';

/** The clock on the wall says whole milliseconds. */
const RESOLUTION_MS = 1;

/**
 * Moments of the monotonic clock as times since the epoch, to less than a millisecond: spans of two processes lie in one
 * picture. What the wall says is cut to its millisecond, so the largest difference that was seen is the nearest; when it
 * is set, or drifts, the difference is learnt anew.
 */
export class WallTime {
  readonly #clock: Clock;
  #difference = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at both clocks. */
  look(): void {
    const difference = this.#clock.date().getTime() - this.#clock.now();
    const isNear = Math.abs(difference - this.#difference) <= 2 * RESOLUTION_MS;
    this.#difference = isNear ? Math.max(difference, this.#difference) : difference;
  }

  /** Milliseconds since the epoch; look first. */
  of(moment: number): number {
    return moment + this.#difference;
  }
}
