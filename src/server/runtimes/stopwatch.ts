/** Two clocks of a thread, both in milliseconds: the one on the wall, and what the thread has computed so far. */
export interface ThreadClocks {
  now(): number;
  computed(): number;
}

/**
 * How long a run takes: the time in which its thread had a core. On a busy machine a quick run can take long: that is not
 * the model's doing, and elsewhere it would take no less.
 */
export class Stopwatch {
  readonly #clocks: ThreadClocks;
  #begun = 0;
  #computedBefore = 0;

  constructor(clocks: ThreadClocks) {
    this.#clocks = clocks;
  }

  start(): void {
    this.#begun = this.#clocks.now();
    this.#computedBefore = this.#clocks.computed();
  }

  /** Milliseconds since `start`, above 0 and no more than have passed. */
  stop(): number {
    const passed = this.#clocks.now() - this.#begun;
    const computed = this.#clocks.computed() - this.#computedBefore;
    // A system that counts computing by ticks counts none for most runs within one, and too much for the others.
    return computed > 0 ? Math.min(passed, computed) : passed;
  }
}
