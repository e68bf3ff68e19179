import type { RpcBudget } from './budget.ts';

/** Bytes of the first buffer that a message is gathered in. */
const LEAST = 64 * 1024;

/** A buffer is replaced by one this many times as large: seldom enough, and what is copied then is a quarter of it. */
const GROWTH = 4;

/**
 * Bytes that arrive in pieces, gathered into one buffer that grows with them: there is never memory for more than four
 * times of what has come, whatever a client announces.
 */
export class Gathering {
  readonly #most: number;
  readonly #budget: RpcBudget;
  #buffer = Buffer.alloc(0);
  #filled = 0;

  /** At most `most` bytes will be added. */
  constructor(most: number, budget: RpcBudget) {
    this.#most = most;
    this.#budget = budget;
  }

  get filled(): number {
    return this.#filled;
  }

  /** Bytes that the budget holds for it. */
  get held(): number {
    return this.#buffer.length;
  }

  /** Throws `overloaded` when the budget has no room. */
  add(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) this.#grow(filled);
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }

  /** What was gathered. Its bytes stay held: the caller releases as many as the result has. */
  take(): Buffer {
    this.#budget.release(this.#buffer.length - this.#filled);
    const whole = this.#buffer.subarray(0, this.#filled);
    this.#buffer = Buffer.alloc(0);
    this.#filled = 0;
    return whole;
  }

  /** Lets go of everything. */
  drop(): void {
    this.#budget.release(this.#buffer.length);
    this.#buffer = Buffer.alloc(0);
    this.#filled = 0;
  }

  #grow(least: number): void {
    const capacity = Math.max(least, Math.min(this.#most, Math.max(LEAST, least * GROWTH)));
    this.#budget.hold(capacity - this.#buffer.length);
    // Not from the pool, and not written before it is needed: what is never filled takes no memory.
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(grown, 0, 0, this.#filled);
    this.#buffer = grown;
  }
}
