import { failure } from '#base';
import type { Key } from './key-list.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a request that was let in holds. */
export interface Pass {
  /** One more is asked under it: a further message of a stream. Throws `rate_exceeded`. */
  again(): void;
  /** It is over. Safe to call again. */
  leave(): void;
}

/** Of who has no limits. */
export const FREE: Pass = { again: () => undefined, leave: () => undefined };

const PERIODS: Readonly<Record<number, string>> = {
  1000: 'a second',
  60_000: 'a minute',
  3_600_000: 'an hour',
};

/**
 * Keeps each key within its limits. Keys of one name share them, so that who has two for a while has no more than before;
 * what they have used stays known when their file is read again.
 */
export class Limiter {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #inFlight = new Map<string, number>();

  /** Throws `concurrency_exceeded` or `rate_exceeded`; the former costs nothing of the rate. */
  enter(key: Key, now: () => number): Pass {
    const { name, rate, concurrent } = key;
    if (rate === undefined && concurrent === undefined) return FREE;
    const inFlight = this.#inFlight.get(name) ?? 0;
    if (concurrent !== undefined && inFlight >= concurrent)
      throw failure('concurrency_exceeded', { limit: concurrent });
    this.#take(key, now());
    this.#inFlight.set(name, inFlight + 1);
    return { again: () => this.#take(key, now()), leave: once(() => this.#leave(name)) };
  }

  /** Forgets what is of none of these keys. */
  keep(keys: readonly Key[]): void {
    const known = new Set(keys.map(bucketOf));
    for (const name of this.#buckets.keys()) if (!known.has(name)) this.#buckets.delete(name);
  }

  #take(key: Key, now: number): void {
    if (key.rate === undefined) return;
    const bucket = this.#buckets.get(bucketOf(key)) ?? new TokenBucket(key.rate);
    this.#buckets.set(bucketOf(key), bucket);
    const waitMs = bucket.take(now);
    if (waitMs === 0) return;
    const { count, periodMs } = key.rate;
    const period = PERIODS[periodMs] ?? `in ${periodMs} ms`;
    throw failure('rate_exceeded', { limit: `${count} requests ${period}`, wait: waitMs / 1000 });
  }

  #leave(name: string): void {
    const left = (this.#inFlight.get(name) ?? 1) - 1;
    if (left === 0) this.#inFlight.delete(name);
    else this.#inFlight.set(name, left);
  }
}

function bucketOf({ name, rate }: Key): string {
  return `${name} ${rate?.count}/${rate?.periodMs}`;
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
