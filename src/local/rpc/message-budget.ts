import { failure } from '#base';
import { type ByteBudget } from '#net';

/** What clients make the gateway hold: the messages that are on their way to servers. */
export class MessageBudget implements ByteBudget {
  readonly #most: number;
  #largest = 0;
  #held = 0;

  /** Bytes of all messages together, unless one alone may be larger. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes of the largest message that a server takes. */
  get largest(): number {
    return this.#largest;
  }

  /** What the servers take now. */
  update(bodies: readonly number[]): void {
    this.#largest = Math.max(0, ...bodies);
  }

  hold(bytes: number): void {
    const most = Math.max(this.#most, this.#largest);
    if (this.#held + bytes > most) throw failure('overloaded', { limit: `${most} bytes of messages` });
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
