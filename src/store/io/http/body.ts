import { type AppError, failure } from '#base';
import { discard } from './garbage.ts';
import { unreachable } from './unreachable.ts';

/** How an answer is read. */
export interface Reading {
  /** As it may be shown. */
  readonly uri: string;
  readonly host: string;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** What a body is read from: what `node:http` makes of an answer, or what goes past it. */
export interface Incoming {
  /** All of it has come. */
  readonly complete: boolean;
  /** Pieces come one by one, each when it is asked for, and all in the same memory. */
  readonly isLent?: boolean;
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/**
 * The bytes of an answer, once. What arrives while the reader is busy waits here, up to a bound, so that the connection is
 * not idle; patience counts only while the reader waits. The connection goes back to its agent at the end, and is dropped
 * where the reader stops before.
 */
export class Body implements AsyncIterable<Uint8Array> {
  readonly #response: Incoming;
  readonly #reading: Reading;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #came = 0;
  #isAtEnd = false;
  #fault: unknown;
  #wake: (() => void) | undefined;
  readonly #onAbort = (): void => this.#fail(this.#reading.signal.reason);

  constructor(response: Incoming, reading: Reading) {
    this.#response = response;
    this.#reading = reading;
    response.on('error', error => this.#fail(unreachable(reading.uri, reading.host, error)));
    response.on('close', () => this.#close());
    response.on('end', () => {
      this.#isAtEnd = response.complete;
      this.#wake?.();
    });
    reading.signal.addEventListener('abort', this.#onAbort);
    if (reading.signal.aborted) this.#onAbort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    const patience = setTimeout(() => this.#lose(), this.#reading.patienceMs);
    this.#response.on('data', (chunk: Uint8Array) => this.#take(chunk));
    try {
      for (;;) {
        for (const chunk of this.#handOver()) {
          yield chunk;
          this.#reading.signal.throwIfAborted();
        }
        if (this.#fault !== undefined) throw this.#fault;
        if (this.#waiting.length > 0) continue;
        if (this.#isAtEnd) return;
        await this.#more(patience);
      }
    } finally {
      clearTimeout(patience);
      this.drop();
    }
  }

  /** Text of at most so many bytes; what is longer is clipped, and its connection dropped. */
  async text(mostBytes: number): Promise<{ text: string; isWhole: boolean }> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of this) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > mostBytes) break;
    }
    const text = Buffer.concat(chunks).toString('utf8', 0, mostBytes);
    return { text, isWhole: bytes <= mostBytes };
  }

  /** Nothing more is read of it. */
  drop(): void {
    this.#reading.signal.removeEventListener('abort', this.#onAbort);
    if (this.#response.complete) this.#response.resume();
    else this.#response.destroy();
  }

  async #more(patience: NodeJS.Timeout): Promise<void> {
    patience.refresh();
    await new Promise<void>(resolve => {
      this.#wake = resolve;
      this.#response.resume();
    });
    this.#wake = undefined;
  }

  /** The timer ran out. Where the reader was busy, nobody was late. */
  #lose(): void {
    if (this.#wake !== undefined) this.#fail(this.#silence());
  }

  *#handOver(): Generator<Uint8Array> {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const chunk of taken) {
      yield chunk;
      if (this.#response.isLent !== true) discard(chunk);
    }
  }

  #take(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    this.#came += chunk.length;
    if (this.#bytes >= MOST_WAITING) this.#response.pause();
    this.#wake?.();
  }

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#response.destroy();
    this.#wake?.();
  }

  #close(): void {
    this.#reading.signal.removeEventListener('abort', this.#onAbort);
    if (!this.#response.complete)
      this.#fault ??= failure('source_unavailable', {
        uri: this.#reading.uri,
        problem: `${this.#reading.host} broke off after ${this.#came} bytes`,
      });
    this.#wake?.();
  }

  #silence(): AppError {
    const { uri, host, patienceMs } = this.#reading;
    const problem = `${host} sent nothing for ${patienceMs / 1000} s after ${this.#came} bytes`;
    return failure('source_unavailable', { uri, problem });
  }
}

/** Bytes that wait for a reader: enough for the largest writes, little beside what a process has. */
const MOST_WAITING = 1024 * 1024;
