/** How often something happened, and how long that took in all. */
export interface DurationSnapshot {
  readonly count: number;
  /** Nanoseconds; more than a double holds exactly after a few hours of many requests at once. */
  readonly ns: bigint;
}

export const NOTHING_SPENT: DurationSnapshot = { count: 0, ns: 0n };

const NS_PER_MS = 1_000_000;

/** Far below 2^53: a single addition cannot pass it. */
const CARRY_AT = 2 ** 52;

/** Adds durations up, exactly in nanoseconds, and without a BigInt for each. */
export class DurationSum {
  #count = 0;
  #ns = 0;
  #carried = 0n;

  /** `ms` is a difference of two readings of a clock. */
  add(ms: number): void {
    this.#count++;
    this.#ns += Math.max(0, Math.round(ms * NS_PER_MS));
    if (this.#ns >= CARRY_AT) this.#carry();
  }

  snapshot(): DurationSnapshot {
    return { count: this.#count, ns: this.#carried + BigInt(this.#ns) };
  }

  #carry(): void {
    this.#carried += BigInt(this.#ns);
    this.#ns = 0;
  }
}
