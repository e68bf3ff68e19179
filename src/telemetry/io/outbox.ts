import { type Backoff, type Clock, type Logger, messageOf, pauseBefore } from '#base';
import type { Told } from '../told.ts';

export interface OutboxOptions<T> {
  /** Where it goes, for the log. */
  readonly to: string;
  /** What may wait, with what is on its way. */
  readonly most: { readonly items: number; readonly bytes: number };
  /** What goes together. */
  readonly batch: number;
  /** For a batch to gather. Milliseconds. */
  readonly gatherMs: number;
  /** Batches on their way at once. */
  readonly lanes: number;
  /** For one try. Milliseconds. */
  readonly sendMs: number;
  /** Tries of one batch. */
  readonly tries: number;
  /** Rejects when nobody took it. */
  readonly send: (batch: readonly T[], signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** After a try that failed. */
const PAUSE: Backoff = { first: 250, most: 10_000 };

/** That nothing arrives is said no more often. Milliseconds. */
const SILENCE_MS = 60_000;

interface Entry<T> {
  readonly item: T;
  readonly bytes: number;
  /** What it counts for. */
  readonly count: number;
}

/** Thrown by `send` for what no second try would mend. */
export class Refused extends Error {}

/**
 * What waits to be told, and is sent in batches. Whoever offers something is never kept waiting: what finds no room is dropped
 * and counted. What nobody takes is tried again, and then given up.
 */
export class Outbox<T> {
  readonly #options: OutboxOptions<T>;
  #waiting: Entry<T>[] = [];
  /** Of what waits and what is on its way. */
  #items = 0;
  #bytes = 0;
  #running = 0;
  readonly #counts = { sent: 0, dropped: 0, failed: 0 };
  /** Batches that failed since one arrived. */
  #failures = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;
  #closing = false;
  #ended = false;
  /** Tries that are under way. */
  readonly #sending = new Set<AbortController>();
  /** Whoever pauses, to be woken when it closes. */
  readonly #paused = new Set<() => void>();
  /** Resolved once it closes and nothing is under way, or there is no more time. */
  readonly #idle = Promise.withResolvers<void>();

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  get told(): Told {
    return { ...this.#counts };
  }

  offer(item: T, bytes = 0, count = 1): void {
    const { items, bytes: mostBytes } = this.#options.most;
    if (this.#closing || this.#items + count > items || this.#bytes + bytes > mostBytes) {
      this.#counts.dropped += count;
      return;
    }
    this.#waiting.push({ item, bytes, count });
    this.#items += count;
    this.#bytes += bytes;
    const { lanes, batch } = this.#options;
    if (this.#running === 0 || (this.#running < lanes && this.#waiting.length >= batch)) void this.#run();
  }

  /** Takes nothing more, sends what waits, for so many milliseconds at most, and gives up the rest. Called again, the less time counts. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const wake of this.#paused) wake();
    if (this.#running > 0) {
      const timer = setTimeout(this.#idle.resolve, graceMs);
      await this.#idle.promise;
      clearTimeout(timer);
    }
    this.#ended = true;
    for (const sending of this.#sending) sending.abort();
    this.#counts.dropped += countOf(this.#waiting);
    this.#waiting = [];
  }

  /** Sends until nothing waits. Never rejects. */
  async #run(): Promise<void> {
    const { batch, gatherMs } = this.#options;
    this.#running++;
    while (this.#waiting.length > 0 && !this.#ended) {
      if (this.#waiting.length < batch) await this.#pause(gatherMs);
      await this.#deliver(this.#waiting.splice(0, batch));
    }
    if (--this.#running === 0 && this.#closing) this.#idle.resolve();
  }

  async #deliver(batch: readonly Entry<T>[]): Promise<void> {
    if (batch.length === 0) return;
    const problem = await this.#send(batch.map(({ item }) => item));
    const count = countOf(batch);
    this.#items -= count;
    for (const { bytes } of batch) this.#bytes -= bytes;
    if (problem === undefined) this.#arrived(count);
    else {
      this.#counts.failed += count;
      this.#complain(problem);
      // What does not even take a connection would otherwise be asked without end.
      await this.#pause(pauseBefore(this.#failures++, PAUSE));
    }
  }

  /** Undefined once it has arrived, otherwise why it did not. */
  async #send(items: readonly T[]): Promise<string | undefined> {
    const { tries } = this.#options;
    for (let tried = 1; ; tried++) {
      try {
        await this.#try(items);
        return undefined;
      } catch (error: unknown) {
        if (tried >= tries || this.#closing || error instanceof Refused) return messageOf(error);
        await this.#pause(pauseBefore(tried - 1, PAUSE));
      }
    }
  }

  async #try(items: readonly T[]): Promise<void> {
    const { send, sendMs } = this.#options;
    const sending = new AbortController();
    const timer = setTimeout(() => sending.abort(), sendMs).unref();
    this.#sending.add(sending);
    try {
      await Promise.race([send(items, sending.signal), aborted(sending.signal)]);
    } finally {
      clearTimeout(timer);
      this.#sending.delete(sending);
    }
  }

  #arrived(count: number): void {
    this.#counts.sent += count;
    if (this.#failures > 0)
      this.#options.logger.log('info', 'telemetry arrives again', { to: this.#options.to });
    this.#failures = 0;
  }

  #complain(problem: string): void {
    const { logger, clock, to } = this.#options;
    const now = clock.now();
    if (now - this.#complainedAt < SILENCE_MS) return;
    this.#complainedAt = now;
    logger.log('warn', 'telemetry does not arrive', { to, problem, ...this.#counts });
  }

  /** Shorter when it closes; keeps no process alive. */
  async #pause(ms: number): Promise<void> {
    if (this.#closing) return;
    const woken = Promise.withResolvers<void>();
    const timer = setTimeout(woken.resolve, ms).unref();
    this.#paused.add(woken.resolve);
    await woken.promise;
    this.#paused.delete(woken.resolve);
    clearTimeout(timer);
  }
}

function countOf(entries: readonly { readonly count: number }[]): number {
  return entries.reduce((sum, { count }) => sum + count, 0);
}

/** Rejects when there is no more time: a `send` may not listen to its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('it took too long')), { once: true }),
  );
}
