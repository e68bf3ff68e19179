import { failure } from '#base';

/** Works that may wait or be under way. */
const MOST_WORKS = 32;

/** What takes longer is no longer waited for; it goes on. Milliseconds. */
const MOST_WAIT_MS = 600_000;

/** Works of one name run one after the other, in the order they came; works of different names do not wait for each other. */
export class Turns {
  /** The latest work of each name that has one: clients choose names. */
  readonly #last = new Map<string, Promise<void>>();
  /** Lets go of those who wait. Works are rare: a set of them does no harm. */
  readonly #waiting = new Set<(error: Error) => void>();
  #works = 0;
  #ended = false;

  /** Whether nothing is begun any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Names that have work. */
  get names(): number {
    return this.#last.size;
  }

  /** Throws what the work throws, `overloaded`, `deadline_exceeded` or, after `end`, `draining`. */
  async take(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#ended) throw failure('draining', {});
    if (this.#works === MOST_WORKS) throw failure('overloaded', { limit: `${MOST_WORKS} loads and unloads` });
    this.#works++;
    const done = this.#inTurn(this.#last.get(name), work);
    const last = done.catch(() => undefined).finally(() => this.#forget(name, last));
    this.#last.set(name, last);
    await this.#patiently(done);
  }

  /** Lets go of everyone who waits, and begins nothing more. */
  end(): void {
    this.#ended = true;
    for (const refuse of this.#waiting) refuse(failure('draining', {}));
  }

  #forget(name: string, done: Promise<void>): void {
    if (this.#last.get(name) === done) this.#last.delete(name);
  }

  async #inTurn(before: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await before;
      if (this.#ended) throw failure('draining', {});
      await work();
    } finally {
      this.#works--;
    }
  }

  #patiently(done: Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(refuse);
    };
    const refuse = (error: Error): void => {
      settle();
      reject(error);
    };
    const late = (): void => refuse(failure('deadline_exceeded', { seconds: MOST_WAIT_MS / 1000 }));
    const timer = setTimeout(late, MOST_WAIT_MS);
    this.#waiting.add(refuse);
    done.then(settle, refuse).then(resolve, reject);
    return promise;
  }
}
