import { failure } from '#base';

/**
 * How much of a machine's memory a server may hold, models and everything else. What counts is what the process really
 * holds: no sum of estimates can run away from it. An estimate it is only what a closed model left behind, for the
 * allocator of the process seldom gives memory back, and uses it for the next model.
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

  /** Throws `model_too_large` for one that can never fit, whatever else is unloaded. */
  check(name: string, bytes: number): void {
    const { limit } = this;
    if (this.#floor + bytes > limit)
      throw failure('model_too_large', { name, bytes, limit, floor: this.#floor });
  }

  hasRoom(bytes: number): boolean {
    return this.#resident() - this.#left + this.#reserved + bytes <= this.limit;
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
