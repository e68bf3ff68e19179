import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Headers } from '../../rpc/metadata.ts';
import type { Sink } from '../../rpc/request-messages.ts';

/** What may wait to be sent in one stream before `write` says so. Bytes. */
const HIGH_WATER = 512 * 1024;

/** What is handed to HTTP/2 at a time: it counts what waits there, of all streams, against one limit. Bytes. */
const PORTION = 128 * 1024;

/** RFC 9113, section 7. */
const Code = { none: 0, refused: 7, cancel: 8, calm: 11 } as const;

/** END_STREAM in the flags of a HEADERS frame. */
const END_STREAM = 1;

/** Why there is no whole answer. */
export interface Break {
  /** The connection was never there. */
  readonly unconnected: boolean;
  /** The server says that it has not looked at the call. */
  readonly refused: boolean;
  readonly problem: string;
}

/** Who made a call to a server. After `answerEnded` or `broke` nothing comes. */
export interface UpstreamListener {
  /** The headers of an answer, of which there is more. */
  answerBegan(headers: Headers): void;
  answerData(chunk: Buffer): void;
  /** The answer is whole: its trailers, or all of its headers when there was nothing else. */
  answerEnded(trailers: Headers): void;
  /** There will be no whole answer. */
  broke(how: Break): void;
  /** After `write` was false: there is room again. */
  roomToSend(): void;
}

/** Whose connection it is. */
export interface StreamHost {
  readonly connected: boolean;
  /** Why the connection ended, when it has. */
  readonly problem: string | undefined;
  /** Comes once for each stream; `reset` when this side ended it before its time. */
  over(reset: boolean): void;
}

/** A stream of `node:http2` knows whose it is: its listeners need no closures. */
const OWNER = Symbol('owner');

interface Owned extends ClientHttp2Stream {
  [OWNER]: UpstreamStream;
}

/** One call to a server, over `node:http2`. */
export class UpstreamStream implements Sink {
  readonly #stream: ClientHttp2Stream;
  readonly #host: StreamHost;
  #listener: UpstreamListener | undefined;
  /** Written, and not handed to HTTP/2. */
  readonly #queue: Uint8Array[] = [];
  #full = false;
  #isEnding = false;
  #trailers: Headers | undefined;
  #reset = false;

  constructor(stream: ClientHttp2Stream, host: StreamHost, listener: UpstreamListener) {
    this.#stream = stream;
    this.#host = host;
    this.#listener = listener;
    const owned = stream as Owned;
    owned[OWNER] = this;
    owned.on('response', onResponse);
    owned.on('trailers', onTrailers);
    owned.on('end', onEnd);
    owned.on('drain', onDrain);
    owned.on('error', onError);
    owned.on('close', onClose);
  }

  write(pieces: readonly Uint8Array[]): boolean {
    for (const piece of pieces) this.#enqueue(piece);
    this.#pump();
    this.#full = this.#queue.length > 0 || this.#stream.writableLength > HIGH_WATER;
    return !this.#full;
  }

  end(): void {
    this.#isEnding = true;
    this.#pump();
  }

  /** Takes no more of the answer, so that flow control stops the server. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Nobody wants it any more; nothing is heard of it from here on. */
  reset(): void {
    this.#listener = undefined;
    this.#queue.length = 0;
    if (this.#isGone) return;
    this.#reset = true;
    // What is not read would keep it open.
    this.#stream.resume();
    this.#stream.close(Code.cancel);
  }

  // The stream's events.

  responded(headers: IncomingHttpHeaders, flags: number): void {
    if ((flags & END_STREAM) !== 0) this.#trailers = headers;
    else this.#listener?.answerBegan(headers);
    // Only now, since what it brings may be read before its headers are told.
    this.#stream.on('data', onData);
  }

  data(chunk: Buffer): void {
    this.#listener?.answerData(chunk);
  }

  trailed(trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers;
  }

  ended(): void {
    const listener = this.#listener;
    if (listener === undefined || this.#trailers === undefined) return;
    this.#listener = undefined;
    // What the client still says is not wanted, and would keep it open.
    if (this.#queue.length > 0 || !this.#stream.writableEnded) this.#stream.close(Code.none);
    listener.answerEnded(this.#trailers);
  }

  drained(): void {
    this.#pump();
    if (!this.#full || this.#queue.length > 0) return;
    this.#full = false;
    this.#listener?.roomToSend();
  }

  closed(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#queue.length = 0;
    this.#host.over(this.#reset);
    listener?.broke(this.#break());
  }

  #break(): Break {
    const { connected, problem } = this.#host;
    const code = this.#stream.rstCode;
    return {
      unconnected: !connected,
      refused: code === Code.refused || code === Code.calm,
      problem: problem ?? `the server ended the stream with code ${code}`,
    };
  }

  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #enqueue(piece: Uint8Array): void {
    if (piece.length <= PORTION) this.#queue.push(piece);
    else
      for (let at = 0; at < piece.length; at += PORTION) this.#queue.push(piece.subarray(at, at + PORTION));
  }

  #pump(): void {
    if (this.#isGone) return;
    while (this.#stream.writableLength < HIGH_WATER) {
      const piece = this.#queue.shift();
      if (piece === undefined) break;
      this.#stream.write(piece);
    }
    if (this.#isEnding && this.#queue.length === 0) this.#stream.end();
  }
}

function onResponse(this: ClientHttp2Stream, headers: IncomingHttpHeaders, flags: number): void {
  (this as Owned)[OWNER].responded(headers, flags);
}

function onData(this: ClientHttp2Stream, chunk: Buffer): void {
  (this as Owned)[OWNER].data(chunk);
}

function onTrailers(this: ClientHttp2Stream, trailers: IncomingHttpHeaders): void {
  (this as Owned)[OWNER].trailed(trailers);
}

function onEnd(this: ClientHttp2Stream): void {
  (this as Owned)[OWNER].ended();
}

function onDrain(this: ClientHttp2Stream): void {
  (this as Owned)[OWNER].drained();
}

function onClose(this: ClientHttp2Stream): void {
  (this as Owned)[OWNER].closed();
}

/** What it fails of is told by its `close`. */
function onError(): void {
  // Without a listener, an error would end the process.
}
