import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ReplayBudget } from '../replay-budget.ts';

/**
 * A client's request body on its way to a server: at the server's pace, and kept until an answer begins, so that it can be
 * sent once more to another server. A body over the limit, or past the budget, is not kept.
 */
export class RequestBody {
  readonly #source: IncomingMessage;
  readonly #budget: ReplayBudget;
  readonly #mostBytes: number;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #ended = false;
  #sink: ClientRequest | undefined;
  #discarding = false;
  #bytes = 0;
  #mostWhole = Number.POSITIVE_INFINITY;
  #onOver: (() => void) | undefined;

  constructor(source: IncomingMessage, keep: { readonly mostBytes: number; readonly budget: ReplayBudget }) {
    this.#source = source;
    this.#budget = keep.budget;
    this.#mostBytes = keep.mostBytes;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.once('end', () => this.#end());
    source.pause();
  }

  /** Whether all of it that was sent so far can be sent again. */
  get repeatable(): boolean {
    return this.#kept !== undefined;
  }

  get complete(): boolean {
    return this.#ended;
  }

  /** Of this whole body no more than so many bytes are wanted; `onOver` comes at once where that is known already. */
  limit(mostBytes: number, onOver: () => void): void {
    this.#mostWhole = mostBytes;
    this.#onOver = onOver;
    const announced = Number(this.#source.headers['content-length'] ?? 0);
    if (Math.max(announced, this.#bytes) > mostBytes) onOver();
  }

  /** Sends what was kept, and all that follows, to a server. */
  sendTo(sink: ClientRequest): void {
    this.#sink = sink;
    let open = true;
    for (const chunk of this.#kept ?? []) open = sink.write(chunk);
    sink.on('drain', () => this.#sink === sink && this.#source.resume());
    if (this.#ended) sink.end();
    else if (open) this.#source.resume();
  }

  /** Holds the client until there is another server to send to. */
  detach(): void {
    this.#sink = undefined;
    this.#source.pause();
  }

  /** An answer has begun: nothing will be sent again. */
  release(): void {
    this.#budget.give(this.#keptBytes);
    this.#keptBytes = 0;
    this.#kept = undefined;
  }

  /** Nobody wants the rest; it is read and dropped, so that the connection can be used again. */
  discard(): void {
    this.release();
    this.#sink = undefined;
    this.#discarding = true;
    this.#source.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#discarding) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#mostWhole) return this.#onOver?.();
    this.#keep(chunk);
    if (this.#sink?.write(chunk) === false) this.#source.pause();
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    if (this.#keptBytes + chunk.length > this.#mostBytes || !this.#budget.take(chunk.length))
      return this.release();
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
  }

  #end(): void {
    this.#ended = true;
    this.#sink?.end();
  }
}
