/** How long a server is waited for: so long without anything going on. */
export class Patience {
  readonly #ms: number;
  readonly #onLost: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** It has run out. */
  isLost = false;

  /** Milliseconds. */
  constructor(ms: number, onLost: () => void) {
    this.#ms = ms;
    this.#onLost = onLost;
  }

  /** From now on, all of it, and some milliseconds more. */
  start(moreMs = 0): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.isLost = true;
      this.#onLost();
    }, this.#ms + moreMs);
  }

  /** Nobody is waited for. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
