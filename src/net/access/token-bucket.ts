/** So many requests in a period. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

/** Less of a token than a clock can tell: what was to be one in a moment is one, however numbers are rounded. */
const NOTHING = 1e-9;

/**
 * A bucket that holds a period's tokens and is filled evenly: who was quiet may take all of them at once, and nobody more
 * than those and what has come since. Counted in whole tokens from a moment on, so that nothing drifts.
 */
export class TokenBucket {
  readonly #rate: Rate;
  /** When it was full, or a whole number of periods after that, and what was taken since. */
  #since = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one, and answers 0; or milliseconds until there is one. `now` never goes back. */
  take(now: number): number {
    const { count, periodMs } = this.#rate;
    this.#settle(now);
    if (this.#taken < count + this.#filled(now)) {
      this.#taken += 1;
      return 0;
    }
    return this.#since + ((this.#taken + 1 - count) * periodMs) / count - now;
  }

  #filled(now: number): number {
    const { count, periodMs } = this.#rate;
    return Math.floor(((now - this.#since) * count) / periodMs + NOTHING);
  }

  #settle(now: number): void {
    const { count, periodMs } = this.#rate;
    if (this.#filled(now) >= this.#taken) {
      this.#since = now;
      this.#taken = 0;
    }
    const periods = Math.floor((now - this.#since) / periodMs);
    this.#since += periods * periodMs;
    this.#taken -= periods * count;
  }
}
