/** Who waits for room. */
export interface Waiter {
  /** What was asked for is taken. */
  roomy(): void;
}

/**
 * Memory for answers that are larger than one read, shared by all calls. An answer takes its whole length before it is
 * gathered, or waits its turn, so that it never stands still half-way and in the way of others. One that is larger than
 * all there is gets it alone.
 */
export class AnswerRoom {
  readonly #most: number;
  readonly #waiting: { readonly bytes: number; readonly waiter: Waiter }[] = [];
  #taken = 0;

  constructor(bytes: number) {
    this.#most = bytes;
  }

  /** Whether it is taken now; otherwise `waiter` hears when it is. */
  take(bytes: number, waiter: Waiter): boolean {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#taken += bytes;
      return true;
    }
    this.#waiting.push({ bytes, waiter });
    return false;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#taken -= bytes;
    this.#next();
  }

  /** Waits no longer. */
  leave(waiter: Waiter): void {
    const at = this.#waiting.findIndex(one => one.waiter === waiter);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    this.#next();
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#most;
  }

  #next(): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && this.#fits(first.bytes);
      first = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#taken += first.bytes;
      first.waiter.roomy();
    }
  }
}
