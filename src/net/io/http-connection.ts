import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { AppError } from '#base';
import { type ParserError, parserFailure } from '../http-parser-error.ts';

/** What a client may hold on to. Milliseconds, unless it says otherwise. */
export interface DoorLimits {
  /** For a request's headers to arrive. */
  readonly headersMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** A connection between two requests. */
  readonly idleMs: number;
  /** A connection on which nothing moves while it is owed an answer. */
  readonly silentMs: number;
  /** Connections that are open at once: one more takes the place of one that is idle. 8192 unless told otherwise. */
  readonly connections?: number;
  /**
   * Bytes a second that a client takes at least of an answer that is whole, once `silentMs` have passed; slower ones are
   * cut off. 64 KiB unless told otherwise.
   */
  readonly bytesPerSecond?: number;
}

/** Whoever answers a request. */
export interface Answering {
  /** The rest of the request turns out not to come, or to be no HTTP; an answer may have begun by then. */
  refuse(error: AppError): void;
  /** The answer has gone out whole, or the client has left. */
  closed(): void;
}

/** An answer that a connection waits for. */
export interface Owed {
  readonly response: ServerResponse;
  answering: Answering;
}

/** So long are the last bytes of a refused client read and dropped. Milliseconds. */
const LINGER_MS = 1000;

const SLOWEST_READER = 64 * 1024;

const nobody: Answering = { refuse: () => undefined, closed: () => undefined };

/**
 * A client's connection, the answers that it waits for, and how it ends: a socket that is closed on bytes nobody has read
 * resets the connection, and the client that is still sending them loses its answer. So those are read and dropped.
 */
export class Connection {
  /**
   * In order; more than one when the client pipelines. A list, not a set: a set that many short-lived things pass through
   * rebuilds its table all the time, each old table points to the next, and once one of them is in the old generation,
   * none of what passed through is freed young (23 ms of each 100 were spent so).
   */
  readonly owed: Owed[] = [];
  /** A request has come since this was last set to false. */
  used = false;
  readonly #socket: Socket;
  readonly #limits: DoorLimits;
  #latest: IncomingMessage | undefined;
  #refused = false;
  /** The answer that the client was last seen to be reading, and until when it may. */
  #reading: ServerResponse | undefined;
  #until = 0;

  constructor(socket: Socket, limits: DoorLimits) {
    this.#socket = socket;
    this.#limits = limits;
    // By this, node:http ends a connection after its last answer.
    socket.destroySoon = () => this.#endSoon();
  }

  /**
   * A request came. Undefined when the answer before it is the last: it is not to be answered any more. A connection that
   * is `leaving` ends only after the last request that it brought.
   */
  take(request: IncomingMessage, response: ServerResponse, leaving: boolean): Owed | undefined {
    const before = this.owed.at(-1)?.response;
    this.#latest = request;
    this.used = true;
    if (leaving && before?.headersSent === false && !this.#refused) before.shouldKeepAlive = true;
    if (this.#refused || before?.shouldKeepAlive === false) return undefined;
    if (leaving) response.shouldKeepAlive = false;
    const owed = { response, answering: nobody };
    this.owed.push(owed);
    return owed;
  }

  /** Ends after what is owed. */
  leave(): void {
    const last = this.owed.at(-1);
    if (last !== undefined) last.response.shouldKeepAlive = false;
  }

  /** The answer is out, or its client has left. */
  settle(owed: Owed): void {
    this.owed.splice(this.owed.indexOf(owed), 1);
  }

  /** The parser gave up, or the time for a request ran out: says why, where the client expects that answer. */
  refuse(error: ParserError): void {
    const last = this.owed.at(-1);
    const isAnswered = this.#latest?.complete === false;
    if (this.#refused && last !== undefined) return;
    if (last !== undefined) this.#refuseLast(last, error);
    // What follows a refusal is no HTTP either, and time is kept by then.
    else if (isAnswered) Socket.prototype.destroySoon.call(this.#socket);
    else if (!this.#refused) this.turnAway(this.#wording(error, false));
    this.#refused = true;
  }

  /** Answers what never became a request. */
  turnAway({ status, message }: AppError): void {
    const socket = this.#socket;
    const body = JSON.stringify({ error: message });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      'Connection: close',
      `Date: ${new Date().toUTCString()}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.resume();
    this.#linger();
  }

  /** Ends it when its client takes a whole answer too slowly. */
  checkReader(now: number): void {
    const { silentMs, bytesPerSecond = SLOWEST_READER } = this.#limits;
    const response = this.owed[0]?.response;
    const left = this.#socket.writableLength;
    if (response?.writableEnded !== true || left === 0) this.#reading = undefined;
    else if (response !== this.#reading) {
      this.#reading = response;
      this.#until = now + silentMs + (left / bytesPerSecond) * 1000;
    } else if (now > this.#until) this.#socket.destroy();
  }

  /** What came before the fault was a good request, or is the one that it broke: answered in its turn, then the end. */
  #refuseLast({ response, answering }: Owed, error: ParserError): void {
    response.shouldKeepAlive = false;
    response.once('close', () => this.#socket.destroySoon());
    if (!response.req.complete) answering.refuse(this.#wording(error, true));
  }

  #wording(error: ParserError, begun: boolean): AppError {
    const { headersMs, requestMs } = this.#limits;
    return parserFailure(error, { headersMs, requestMs, begun });
  }

  #endSoon(): void {
    const socket = this.#socket;
    const end = (): void => Socket.prototype.destroySoon.call(socket);
    const unread = this.#latest;
    if (unread === undefined || unread.complete) return end();
    socket.end();
    unread.once('close', end);
    unread.resume();
    // A request that broke does not end; for all others node:http keeps the time.
    if (this.#refused) this.#linger();
  }

  #linger(): void {
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
