/** So many lines are passed on in so long; of more, only their number. */
const MOST_LINES = 100;
const WINDOW_MS = 10_000;

/** What a model writes, as far as a log should have it: one that writes a line for every request must not fill a disk. */
export class Chatter {
  #since = -Infinity;
  #passed = 0;
  #left = 0;

  /** What is to be passed on for a line that was written at `now`, milliseconds. */
  hear(line: string, now: number): readonly string[] {
    const left = this.#left;
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#passed = 0;
      this.#left = 0;
    }
    if (this.#passed === MOST_LINES) {
      this.#left++;
      return [];
    }
    this.#passed++;
    return this.#passed === 1 && left > 0 ? [`(${left} lines more were left out)`, line] : [line];
  }
}
