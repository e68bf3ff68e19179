import { failure } from '#base';

/** Of the budget, what is left to the rest of the server, which grows and shrinks as it answers. */
const HEADROOM = 1 / 4;

/**
 * How much of a machine's memory a server may hold, models and everything else. What counts is what the process really
 * holds, so that no sum of estimates can run away from it. Estimated is only what a closed model left behind, since the
 * allocator of the process seldom gives memory back, and uses it for the next model: as much as its files have, which is
 * less than it held. What its load seemed to add would not do: whatever else grew meanwhile would count as left when the
 * model is closed, and after thousands of loads that is more than all of the models.
 */
export class MemoryBudget {
  readonly limit: number;
  readonly #resident: () => number;
  /** What the server held before its first model. */
  readonly #floor: number;
  /** Of loads that have begun. */
  #reserved = 0;
  /** What closed models left to those that come. */
  #left = 0;

  /** Bytes, and what tells the resident memory of the process. */
  constructor(limit: number, resident: () => number) {
    this.limit = limit;
    this.#resident = resident;
    this.#floor = resident();
  }

  /** Throws `memory_too_small` where not even the smallest model could be loaded. */
  checkLimit(): void {
    const { limit } = this;
    if (this.#floor >= limit) throw failure('memory_too_small', { limit, floor: this.#floor });
  }

  /** Throws `model_too_large` for one that can never fit, whatever else is unloaded. */
  check(name: string, bytes: number): void {
    const { limit } = this;
    if (this.#floor + bytes > limit)
      throw failure('model_too_large', { name, bytes, limit, floor: this.#floor });
  }

  /**
   * Whether a model may be loaded now. One that fits in what others left makes the process no larger, and unloading more for
   * it would gain nothing. Over the budget, twice as much must be left: if memory does get lost between one model and the
   * next, there are fewer models then.
   */
  hasRoom(bytes: number): boolean {
    const resident = this.#resident();
    const wanted = this.#reserved + bytes;
    if (wanted * (resident > this.limit ? 2 : 1) <= this.#left) return true;
    return resident - this.#left + wanted <= this.limit * (1 - HEADROOM);
  }

  reserve(bytes: number): void {
    this.#reserved += bytes;
  }

  /** A load is over, and holds so many bytes; none if it failed. */
  settle(reserved: number, held: number): void {
    this.#reserved -= reserved;
    this.#left = Math.max(0, this.#left - held);
  }

  /** A model that held so many bytes is closed, which made the process smaller by so many. */
  leave(held: number, shrunk: number): void {
    this.#left += Math.max(0, held - Math.max(0, shrunk));
  }
}
