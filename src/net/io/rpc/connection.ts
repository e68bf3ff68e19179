import type { Socket } from 'node:net';
import { asAppError } from '#base';
import type { ByteBudget } from '../../budget.ts';
import type { RpcHandler } from '../../rpc/call.ts';
import { headOf, type Refusal } from '../../rpc/head.ts';
import type { RpcLimits } from '../../rpc/limits.ts';
import { percentEncode, rpcStatusOf } from '../../rpc/status.ts';
import {
  type Fields,
  ResetCode,
  type RpcSession,
  type RpcStream,
  type SessionListener,
  type StreamListener,
} from '../../rpc/transport.ts';
import type { CallHost } from './call-host.ts';
import { greet } from './greeting.ts';
import { NodeSession } from './node-session.ts';
import { CALL_BYTES, OpenCall } from './open-call.ts';

/** Frames that cost work and bring none: as many at once, and as many a second from then on. */
const MOST_CHATTER = 1000;
const CHATTER_PER_SECOND = 200;

/** And one more for so many bytes that came: who sends much may ask how it is going. */
const BYTES_PER_CHATTER = 4096;

/** What a client that was told to leave has for doing so, after its last call. Milliseconds. */
const LINGER_MS = 1000;

/** Hears of a stream that was refused. */
const NOBODY: StreamListener = {
  data: () => undefined,
  ended: () => undefined,
  moved: () => undefined,
  drained: () => undefined,
  closed: () => undefined,
};

/** Who keeps the connections. */
export interface ConnectionHost {
  readonly limits: RpcLimits;
  readonly budget: ByteBudget;
  readonly handler: RpcHandler;
  /** Whether clients are to go elsewhere. */
  readonly isLeaving: boolean;
  /** A call began, or ended. */
  counted(change: 1 | -1): void;
  gone(connection: Connection): void;
}

/** Before the client's first settings; open; and told to leave: it closes after its last call. */
type Phase = 'greeting' | 'open' | 'leaving';

/** One client: its calls, and what it may do to the server besides making them. */
export class Connection implements SessionListener, CallHost {
  readonly peer: string;
  readonly limits: RpcLimits;
  readonly budget: ByteBudget;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #calls: OpenCall[] = [];
  #session: RpcSession | undefined;
  #phase: Phase = 'greeting';
  /** Sweeps since it last did what it has to do in its phase. */
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
    greet(socket, () => {
      this.#session = new NodeSession(socket, host.limits.streamsPerConnection, this);
    });
  }

  get isIdle(): boolean {
    return this.#calls.length === 0;
  }

  /** Says that no more calls are wanted here, takes those under way, and closes after the last. */
  leave(): void {
    if (this.#phase !== 'open') return;
    this.#enter('leaving');
    this.#session?.leave();
  }

  /** Ends it and every call at once. */
  destroy(): void {
    this.#session?.destroy(ResetCode.none);
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
    if (this.#phase === 'greeting') this.#enter('open');
  }

  ending(): void {
    if (this.#phase !== 'leaving') this.#enter('leaving');
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
    if (this.#chatter <= MOST_CHATTER || this.#phase === 'leaving') return;
    this.#enter('leaving');
    this.#session?.destroy(ResetCode.calm);
  }

  // The calls' side.

  over(call: OpenCall, isRapid: boolean): void {
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.place] = last;
      last.place = call.place;
    }
    if (this.isIdle) this.#waited = 0;
    if (isRapid) this.chatter();
    this.#host.counted(-1);
    // A client that came all the same, for lack of another server, is served; and asked to look again.
    if (this.#host.isLeaving) this.leave();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#waited = 0;
  }

  /** Nothing that it has to do has come for so long. */
  #wait(waitedMs: number): void {
    if (!this.isIdle) return this.#waitSilent(waitedMs);
    const { handshakeMs, idleMs } = this.limits;
    const most = { greeting: handshakeMs, open: idleMs, leaving: LINGER_MS }[this.#phase];
    if (waitedMs < most) return;
    if (this.#phase === 'open') this.leave();
    else this.destroy();
  }

  /** A client that is there answers a ping. */
  #waitSilent(waitedMs: number): void {
    const { silentMs } = this.limits;
    if (waitedMs >= silentMs) this.destroy();
    else if (waitedMs >= silentMs / 2) this.#session?.ping();
  }
}

function refuse(stream: RpcStream, { http, status, message, fields }: Refusal): StreamListener {
  const said: Fields = { 'grpc-status': String(status), 'grpc-message': percentEncode(message) };
  stream.respond(http, { 'content-type': 'application/grpc', ...said, ...fields }, true);
  return NOBODY;
}
