import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type Fields, ResetCode, type RpcStream, type StreamListener } from '../../rpc/transport.ts';

/** What may wait to be sent in one stream before `write` says so. Bytes. */
const HIGH_WATER = 128 * 1024;

/**
 * What is handed to HTTP/2 at a time: a large answer shows when it moves, and does not keep the event loop (an answer of
 * 64 MiB kept it for up to 98 ms when this was twice, and the bound above four times as much). Bytes.
 */
const PORTION = 64 * 1024;

const LAST = { endStream: true, sendDate: false };
const MORE = { waitForTrailers: true, sendDate: false };

/** A stream of `node:http2` knows whose it is: its listeners need no closures. */
const OWNER = Symbol('owner');

interface Owned extends ServerHttp2Stream {
  [OWNER]: NodeStream;
}

/**
 * A stream over `node:http2`. Whoever makes it hears of its errors. Fields that HTTP/2 forbids are a fault of the server's
 * and end the stream, not the process.
 */
export class NodeStream implements RpcStream {
  readonly method: string;
  readonly path: string;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  #listener: StreamListener | undefined;
  /** Written, and not handed to HTTP/2. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #full = false;
  #trailers: Fields = {};
  #answered = false;
  #requestEnded = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.#headers = headers;
    this.method = headers[':method'] ?? '';
    this.path = headers[':path'] ?? '';
    const owned = stream as Owned;
    owned[OWNER] = this;
    owned.on('aborted', onAborted);
    owned.on('close', onClose);
    owned.on('data', onData);
    owned.on('drain', onDrain);
    owned.on('end', onEnd);
    owned.on('wantTrailers', onWantTrailers);
  }

  /** From now on `listener` hears of it. */
  listen(listener: StreamListener): void {
    this.#listener = listener;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  respond(status: number, fields: Fields, last: boolean): void {
    if (this.#gone) return;
    try {
      this.#stream.respond({ ':status': status, ...fields }, last ? LAST : MORE);
      if (last) this.#answer();
    } catch {
      this.reset(ResetCode.internal);
    }
  }

  write(pieces: readonly Uint8Array[]): boolean {
    if (this.#gone) return true;
    for (const piece of pieces) this.#enqueue(piece);
    this.#pump();
    const waiting = this.#queued + this.#stream.writableLength;
    this.#full ||= this.#stream.writableNeedDrain && waiting > HIGH_WATER;
    return !this.#full;
  }

  end(trailers: Fields): void {
    if (this.#gone) return;
    this.#trailers = trailers;
    this.#answered = true;
    this.#pump();
  }

  reset(code: ResetCode): void {
    if (!this.#gone) this.#stream.close(code);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  // The stream's events.

  data(chunk: Buffer): void {
    if (!this.#answered) this.#listener?.data(chunk);
  }

  requestEnded(): void {
    this.#requestEnded = true;
    if (!this.#answered) this.#listener?.ended();
  }

  drained(): void {
    this.#listener?.moved();
    this.#pump();
    // What the pump has handed over since may be too little for another `drain`.
    if (!this.#full || this.#stream.writableNeedDrain) return;
    this.#full = false;
    this.#listener?.drained();
  }

  sendTrailers(): void {
    if (this.#gone) return;
    try {
      this.#stream.sendTrailers(this.#trailers);
      this.#answer();
    } catch {
      this.reset(ResetCode.internal);
    }
  }

  /** The client reset it: what it sent before is of no use, and would keep it open. */
  aborted(): void {
    this.#answered = true;
    this.#stream.resume();
  }

  closed(): void {
    this.#queue.length = 0;
    this.#listener?.closed();
    this.#listener = undefined;
  }

  /** All that the server says is said. A client that goes on is told that nobody listens. */
  #answer(): void {
    this.#answered = true;
    if (!this.#requestEnded) setImmediate(endUnread, this);
  }

  endUnread(): void {
    if (this.#stream.destroyed) return;
    this.#stream.resume();
    if (!this.#requestEnded) this.#stream.close(ResetCode.none);
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #enqueue(piece: Uint8Array): void {
    this.#queued += piece.length;
    if (piece.length <= PORTION) this.#queue.push(piece);
    else
      for (let at = 0; at < piece.length; at += PORTION) this.#queue.push(piece.subarray(at, at + PORTION));
  }

  #pump(): void {
    while (!this.#stream.writableNeedDrain) {
      const piece = this.#queue.shift();
      if (piece === undefined) break;
      this.#queued -= piece.length;
      this.#stream.write(piece);
    }
    if (this.#answered && this.#queue.length === 0) this.#stream.end();
  }
}

function endUnread(stream: NodeStream): void {
  stream.endUnread();
}

function onAborted(this: ServerHttp2Stream): void {
  (this as Owned)[OWNER].aborted();
}

function onClose(this: ServerHttp2Stream): void {
  (this as Owned)[OWNER].closed();
}

function onData(this: ServerHttp2Stream, chunk: Buffer): void {
  (this as Owned)[OWNER].data(chunk);
}

function onDrain(this: ServerHttp2Stream): void {
  (this as Owned)[OWNER].drained();
}

function onEnd(this: ServerHttp2Stream): void {
  (this as Owned)[OWNER].requestEnded();
}

function onWantTrailers(this: ServerHttp2Stream): void {
  (this as Owned)[OWNER].sendTrailers();
}
