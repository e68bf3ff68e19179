import type { Socket } from 'node:net';
import { asAppError } from '../../errors.ts';
import type { RpcBudget } from '../../rpc/budget.ts';
import type { RpcHandler } from '../../rpc/call.ts';
import { headOf, type Refusal } from '../../rpc/head.ts';
import type { RpcLimits } from '../../rpc/limits.ts';
import { percentEncode, rpcStatusOf } from '../../rpc/status.ts';
import {
  type Fields,
  ResetCode,
  type RpcSession,
  type RpcStream,
  type SessionLimits,
  type SessionListener,
  type StreamListener,
} from '../../rpc/transport.ts';
import { NodeSession } from './node-session.ts';
import { CALL_BYTES, type CallHost, OpenCall } from './open-call.ts';

/** What may be under way to the server and not read. Bytes. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 2 * 1024 * 1024;

const HEADER_LIST_BYTES = 16 * 1024;

/** Frames that cost work and bring none: as many at once, and as many a second from then on. */
const MOST_CHATTER = 1000;
const CHATTER_PER_SECOND = 200;

/** And one more for so many bytes that came: who sends much may ask how it is going. */
const BYTES_PER_CHATTER = 4096;

/** What a client that was told to leave has for doing so, once it has no call. Milliseconds. */
const LINGER_MS = 1000;

/** The first bytes of every connection (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const NO_HTTP2 = (() => {
  const text = 'this port speaks gRPC, over HTTP/2 without TLS\n';
  return `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
})();

/** Hears of a stream that was refused. */
const NOBODY: StreamListener = {
  data: () => undefined,
  ended: () => undefined,
  moved: () => undefined,
  drained: () => undefined,
  closed: () => undefined,
};

/** The door, as a connection sees it. */
export interface ConnectionHost {
  readonly limits: RpcLimits;
  readonly budget: RpcBudget;
  readonly handler: RpcHandler;
  /** A call began, or ended. */
  counted(change: 1 | -1): void;
  gone(connection: Connection): void;
}

/** One client: its calls, and what it may do to the server besides making them. */
export class Connection implements SessionListener, CallHost {
  readonly peer: string;
  readonly limits: RpcLimits;
  readonly budget: RpcBudget;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #calls: OpenCall[] = [];
  /** The first bytes, until they are all there. */
  #greeting = Buffer.alloc(0);
  #session: RpcSession | undefined;
  #greeted = false;
  #leaving = false;
  /** Sweeps since it last did what it has to do next. */
  #waited = 0;
  #received = 0;
  #chatter = 0;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.limits = host.limits;
    this.budget = host.budget;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    // A client may leave between two writes; its `close` tells all there is to know.
    socket.on('error', () => undefined);
    socket.once('close', () => host.gone(this));
    socket.on('data', this.#greet);
  }

  get isIdle(): boolean {
    return this.#calls.length === 0;
  }

  /** Says that no more calls are wanted here, takes those under way, and closes after the last. */
  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#waited = 0;
    if (this.#session === undefined) this.#socket.destroy();
    // What the client sent before it knew has come before its answer to the ping.
    this.#session?.warn();
    this.#session?.ping();
  }

  /** Ends it and every call at once. */
  destroy(): void {
    this.#session?.destroy(ResetCode.cancel);
    this.#socket.destroy();
  }

  /** Looks after a client that does not do its part; comes each `sweepMs`. */
  sweep(sweepMs: number): void {
    // Sweeping may end a call, and then the last takes its place.
    for (let at = this.#calls.length - 1; at >= 0; at--) this.#calls[at]?.sweep(sweepMs);
    const received = this.#session?.received ?? 0;
    const news = received - this.#received;
    this.#received = received;
    const forgiven = (CHATTER_PER_SECOND * sweepMs) / 1000 + news / BYTES_PER_CHATTER;
    this.#chatter = Math.max(0, this.#chatter - forgiven);
    if (!this.isIdle && news > 0) this.#waited = 0;
    else this.#wait(this.#waited++ * sweepMs);
  }

  // The session's side.

  greeted(): void {
    this.#greeted = true;
    this.#waited = 0;
  }

  stream(stream: RpcStream): StreamListener {
    const head = headOf(stream);
    if ('http' in head) return refuse(stream, head);
    try {
      this.budget.hold(CALL_BYTES);
    } catch (error: unknown) {
      const fault = asAppError(error);
      return refuse(stream, { http: 200, status: rpcStatusOf(fault), message: fault.message });
    }
    const call = new OpenCall(this, stream, head);
    call.place = this.#calls.push(call) - 1;
    this.#host.counted(1);
    call.begin(this.#host.handler);
    return call;
  }

  chatter(): void {
    this.#chatter++;
    if (this.#chatter > MOST_CHATTER) this.#session?.destroy(ResetCode.calm);
  }

  alive(): void {
    if (this.#leaving) this.#session?.close();
  }

  // The calls' side.

  over(call: OpenCall, answered: boolean): void {
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.place] = last;
      last.place = call.place;
    }
    if (this.isIdle) this.#waited = 0;
    // A call that was opened only to be reset has cost a call's work.
    if (!answered) this.chatter();
    this.#host.counted(-1);
  }

  readonly #greet = (chunk: Buffer): void => {
    this.#greeting = Buffer.concat([this.#greeting, chunk]);
    const length = Math.min(this.#greeting.length, PREFACE.length);
    if (!PREFACE.subarray(0, length).equals(this.#greeting.subarray(0, length))) return this.#reject();
    if (length < PREFACE.length) return;
    this.#socket.removeListener('data', this.#greet);
    this.#socket.pause();
    this.#socket.unshift(this.#greeting);
    this.#greeting = Buffer.alloc(0);
    this.#session = new NodeSession(this.#socket, sessionLimits(this.limits), this);
  };

  /** What is no HTTP/2 is told so, where it might be HTTP/1. */
  #reject(): void {
    this.#socket.removeListener('data', this.#greet);
    // Read on, so that the answer is not lost to a reset; the handshake's time is the end of it.
    this.#socket.resume();
    this.#socket.end(/^[A-Z]{3,7} /.test(this.#greeting.toString('latin1', 0, 8)) ? NO_HTTP2 : '');
  }

  /** Nothing has come for so long. */
  #wait(waitedMs: number): void {
    const { handshakeMs, idleMs, silentMs } = this.limits;
    if (!this.#greeted) {
      if (waitedMs >= handshakeMs) this.destroy();
    } else if (this.#leaving) {
      if (waitedMs >= LINGER_MS) this.#waitedToLeave();
    } else if (this.isIdle) {
      if (waitedMs >= idleMs) this.leave();
    } else if (waitedMs >= silentMs) this.destroy();
    else if (waitedMs >= silentMs / 2) this.#session?.ping();
  }

  #waitedToLeave(): void {
    if (this.isIdle) this.destroy();
    else this.#session?.close();
  }
}

function refuse(stream: RpcStream, { http, status, message, fields }: Refusal): StreamListener {
  const said: Fields = { 'grpc-status': String(status), 'grpc-message': percentEncode(message) };
  stream.respond(http, { 'content-type': 'application/grpc', ...said, ...fields }, true);
  return NOBODY;
}

function sessionLimits({ streamsPerConnection }: RpcLimits): SessionLimits {
  return {
    streams: streamsPerConnection,
    streamWindow: STREAM_WINDOW,
    connectionWindow: CONNECTION_WINDOW,
    headerListBytes: HEADER_LIST_BYTES,
  };
}
