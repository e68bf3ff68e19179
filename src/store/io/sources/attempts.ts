import { failure } from '#base';
import { discard } from '../http/garbage.ts';

/** What of `SourceOptions` bounds attempts. */
export interface Bounds {
  /** Milliseconds without an answer or a byte until an attempt is given up. */
  readonly patienceMs: number;
  /** Attempts at once; others wait for their turn. */
  readonly connections: number;
}

/** A stream that a library hands on: its reader pauses it, and destroying it ends its connection. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Requests through a library that has no such bounds, or has them other than the port of sources wants: each ends with its
 * signal, or when nothing has come for as long as the patience. The time that a reader takes between two chunks is not counted.
 * Errors come through `worded`; the signal's own reason does not.
 */
export class Attempts {
  readonly #patienceMs: number;
  readonly #worded: (error: unknown) => unknown;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor({ patienceMs, connections }: Bounds, worded: (error: unknown) => unknown) {
    this.#patienceMs = patienceMs;
    this.#free = connections;
    this.#worded = worded;
  }

  /** An answer that is taken in as a whole. */
  async ask<T>(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const attempt = await this.#begin(signal);
    try {
      return await attempt.within(run(attempt.signal));
    } catch (error: unknown) {
      throw attempt.blame(error, this.#worded);
    } finally {
      attempt.end();
    }
  }

  /** An answer whose bytes are read as they come, at most `length` of them; its errors may have words of their own. */
  async stream(
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<Body>,
    length: number,
    worded = this.#worded,
  ): Promise<AsyncIterable<Uint8Array>> {
    const attempt = await this.#begin(signal);
    try {
      const body = await attempt.within(run(attempt.signal));
      const reading = new Reading(attempt, body, worded, length);
      return { [Symbol.asyncIterator]: () => reading };
    } catch (error: unknown) {
      attempt.end();
      throw attempt.blame(error, worded);
    }
  }

  async #begin(signal: AbortSignal): Promise<Attempt> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    return new Attempt(signal, this.#patienceMs, () => this.#next());
  }

  /** The turn of whoever ends goes to who has waited the longest, without being free in between. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(begin);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/** One request, from its turn to its end. */
class Attempt {
  readonly #given: AbortSignal;
  readonly #controller = new AbortController();
  readonly #done: () => void;
  readonly #patienceMs: number;
  #timer: NodeJS.Timeout;
  #isWaiting = false;
  #hasRung = false;
  #hasEnded = false;
  #body: Body | undefined;

  constructor(given: AbortSignal, patienceMs: number, done: () => void) {
    this.#given = given;
    this.#done = done;
    given.addEventListener('abort', this.#giveUp, { once: true });
    this.#patienceMs = patienceMs;
    this.#timer = this.#watch();
    this.signal.addEventListener('abort', this.#break, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for something that may not heed the signal. What it comes to after that is let go. */
  async within<T>(answer: Promise<T>): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(this.signal.reason as Error);
    this.signal.addEventListener('abort', abort, { once: true });
    if (this.signal.aborted) abort();
    this.waits();
    try {
      return await Promise.race([answer, aborted]);
    } catch (error: unknown) {
      answer.then(
        late => (late as Partial<Body> | undefined)?.destroy?.(),
        () => {},
      );
      throw error;
    } finally {
      this.arrives();
      this.signal.removeEventListener('abort', abort);
    }
  }

  waits(): void {
    this.#isWaiting = true;
    if (this.#hasRung) this.#timer = this.#watch();
    else this.#timer.refresh();
  }

  arrives(): void {
    this.#isWaiting = false;
  }

  /** From now on the body ends with the signal. */
  reads(body: Body): void {
    this.#body = body;
    // One that comes between two reads is told by the next; if nobody heard it, it would end the process.
    body.on('error', () => {});
    if (this.signal.aborted) this.#break();
  }

  /** What ended it: the reason of its signal before all else, since errors follow from that. */
  blame(error: unknown, worded: (error: unknown) => unknown): unknown {
    if (this.#given.aborted) return this.#given.reason;
    return worded(this.signal.aborted ? this.signal.reason : error);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#given.removeEventListener('abort', this.#giveUp);
    this.#done();
  }

  /** One timer for all chunks, put back with each: making one for each costs as much as reading it. */
  #watch(): NodeJS.Timeout {
    this.#hasRung = false;
    return setTimeout(() => {
      this.#hasRung = true;
      if (this.#isWaiting) this.#controller.abort(new Silence(this.#patienceMs));
    }, this.#patienceMs);
  }

  /** Also of a stream that nobody has begun to read. */
  readonly #break = (): void => {
    this.#body?.destroy(this.signal.reason as Error);
    if (this.#body !== undefined) this.end();
  };

  readonly #giveUp = (): void => this.#controller.abort(this.#given.reason);
}

class Reading implements AsyncIterator<Uint8Array> {
  readonly #attempt: Attempt;
  readonly #body: Body;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #worded: (error: unknown) => unknown;
  #left: number;
  #last: Uint8Array | undefined;

  constructor(attempt: Attempt, body: Body, worded: (error: unknown) => unknown, length: number) {
    this.#attempt = attempt;
    this.#body = body;
    this.#chunks = body[Symbol.asyncIterator]();
    this.#worded = worded;
    this.#left = length;
    attempt.reads(body);
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#last !== undefined) discard(this.#last);
    this.#last = undefined;
    this.#attempt.waits();
    try {
      const result = await this.#chunks.next();
      if (result.done === true) this.#attempt.end();
      else this.#count((this.#last = result.value).length);
      return result;
    } catch (error: unknown) {
      this.#body.destroy();
      this.#attempt.end();
      throw this.#attempt.blame(error, this.#worded);
    } finally {
      this.#attempt.arrives();
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#body.destroy();
    this.#attempt.end();
    return { done: true, value: undefined };
  }

  #count(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new TooMuch();
  }
}

/** Nothing came for too long. */
export class Silence extends Error {
  constructor(patienceMs: number) {
    super(`nothing has come from it for ${patienceMs / 1000} s`);
  }
}

/** An answer went on behind what was asked for. */
export class TooMuch extends Error {}

/** What is the same for whatever library is asked; undefined for all else. */
export function ownFault(uri: string, error: unknown): Error | undefined {
  if (error instanceof Silence) return failure('source_unavailable', { uri, problem: error.message }, error);
  if (error instanceof TooMuch)
    return failure('source_invalid', { uri, problem: 'it sent more bytes than it was asked for' }, error);
  return undefined;
}
