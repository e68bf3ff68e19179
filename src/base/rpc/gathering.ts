import type { RpcBudget } from './budget.ts';

/** Bytes of the first buffer. */
const LEAST = 64 * 1024;

/** A buffer is replaced by one this many times as large. */
const GROWTH = 4;

/**
 * Once so much has come, the next buffer is the last, so that no copy is larger than this: at some milliseconds for
 * each 10 MiB of fresh memory, a larger one would be felt. What is not written yet of that buffer is no memory: the
 * system gives a page when it is first written. Bytes.
 */
const LARGEST_COPY = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** Bytes that arrive in pieces, gathered into one buffer. Memory and budget grow with what came, whatever was announced. */
export class Gathering {
  readonly #most: number;
  readonly #budget: RpcBudget;
  #buffer = NOTHING;
  #filled = 0;
  #held = 0;

  /** At most `most` bytes will be added. */
  constructor(most: number, budget: RpcBudget) {
    this.#most = most;
    this.#budget = budget;
  }

  get filled(): number {
    return this.#filled;
  }

  /** Throws `overloaded` when the budget has no room; then nothing was added. */
  add(bytes: Uint8Array): void {
    this.#budget.hold(bytes.length);
    this.#held += bytes.length;
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) this.#grow(filled);
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }

  /** What was gathered. Its bytes stay held, and are the caller's to release. */
  take(): Buffer {
    const whole = this.#buffer.subarray(0, this.#filled);
    this.#buffer = NOTHING;
    this.#filled = 0;
    this.#held = 0;
    return whole;
  }

  /** Lets go of everything. */
  drop(): void {
    this.#budget.release(this.#held);
    this.take();
  }

  #grow(least: number): void {
    const wanted = least > LARGEST_COPY ? this.#most : Math.max(LEAST, least * GROWTH);
    const grown = Buffer.allocUnsafeSlow(Math.max(least, Math.min(this.#most, wanted)));
    this.#buffer.copy(grown, 0, 0, this.#filled);
    this.#buffer = grown;
  }
}
