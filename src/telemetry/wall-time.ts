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
    const before = this.#clock.now();
    const wall = this.#clock.date().getTime();
    const now = this.#clock.now();
    // Something else ran in between: what was learnt before is nearer.
    if (now - before > RESOLUTION_MS && Number.isFinite(this.#difference)) return;
    const difference = wall - now;
    const isNear = Math.abs(difference - this.#difference) <= 2 * RESOLUTION_MS;
    this.#difference = isNear ? Math.max(difference, this.#difference) : difference;
  }

  /** Milliseconds since the epoch; look first. */
  of(moment: number): number {
    return moment + this.#difference;
  }
}
