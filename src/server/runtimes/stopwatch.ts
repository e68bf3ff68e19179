/** Two clocks of a thread, both in milliseconds: the one on the wall, and what the thread has computed so far. */
export interface ThreadClocks {
  now(): number;
  computed(): number;
}

/** A run this short says what it takes by itself, and asking for what was computed would take a good part of it. Milliseconds. */
const SHORT_MS = 0.5;

/**
 * How long a run takes: the time in which its thread had a core. On a busy machine a quick run can take long: that is not
 * the model's doing, and elsewhere it would take no less.
 */
export class Stopwatch {
  readonly #clocks: ThreadClocks;
  #begun: number | undefined;
  #computedBefore = 0;

  constructor(clocks: ThreadClocks) {
    this.#clocks = clocks;
  }

  start(): void {
    this.#begun = this.#clocks.now();
    this.#computedBefore = this.#clocks.computed();
  }

  /** Milliseconds since `start`, no more than have passed; 0 without a start since the last stop. */
  stop(): number {
    if (this.#begun === undefined) return 0;
    const passed = this.#clocks.now() - this.#begun;
    this.#begun = undefined;
    if (passed <= SHORT_MS) return passed;
    const computed = this.#clocks.computed() - this.#computedBefore;
    // A system that counts computing by ticks counts none for most runs within one, and too much for the others.
    return computed > 0 ? Math.min(passed, computed) : passed;
  }
}
