import type { Clock } from '#base';

/** The longest that a timer can wait. Milliseconds. */
const MOST_MS = 2 ** 31 - 1;

/** Rings once at the earliest time that was asked for. Keeps no process alive. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Infinity;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `time` on the clock, unless it will ring before that. Infinity asks for nothing. */
  by(time: number): void {
    if (time >= this.#at) return;
    this.cancel();
    this.#at = time;
    const wait = Math.min(MOST_MS, Math.max(0, Math.ceil(time - this.#clock.now())));
    this.#timer = setTimeout(() => this.#rung(), wait).unref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }

  #rung(): void {
    this.#at = Infinity;
    this.#ring();
  }
}
