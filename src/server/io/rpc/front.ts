import { failure } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus } from '#net';
import type { RpcMethod, RpcService, RpcSession, Session, SessionReceiver } from '../../protocols/rpc.ts';
import { Roster } from '../../roster.ts';
import type { Lasting, LastingCall, RpcContext } from './context.ts';
import { PredictionStream } from './prediction-stream.ts';
import { UnaryCall } from './unary.ts';

/** Where gRPC calls come in: each goes to the method that its path names. */
export class RpcFront {
  readonly #methods = new Map<string, RpcMethod>();
  readonly #context: RpcContext;
  /** Calls that last until somebody ends them. */
  readonly #lasting = new Roster<LastingCall>();

  constructor(services: readonly RpcService[], context: RpcContext) {
    this.#context = context;
    for (const { name, methods } of services)
      for (const [method, what] of Object.entries(methods)) this.#methods.set(`/${name}/${method}`, what);
  }

  /** Ends what would last: the server is closing. */
  leave(): void {
    for (const call of this.#lasting.all()) call.leave();
  }

  /** Throws `path_unknown`. */
  readonly handle = (call: RpcCall): RpcReceiver => {
    const method = this.#methods.get(call.path);
    if (method === undefined) throw failure('path_unknown', { path: call.path.slice(0, 200) });
    if (method.kind === 'predictions')
      return new PredictionStream(call, method, { context: this.#context, roster: this.#lasting });
    if (method.kind === 'session')
      return new SessionCall(call, method, { context: this.#context, roster: this.#lasting });
    return new UnaryCall(call, method, this.#context);
  };
}

/** A session and its call. */
class SessionCall implements RpcReceiver, Session, LastingCall {
  place = -1;
  readonly #call: RpcCall;
  readonly #roster: Roster<LastingCall>;
  readonly #receiver: SessionReceiver;
  #over = false;

  constructor(call: RpcCall, method: RpcSession, { context, roster }: Lasting) {
    this.#call = call;
    this.#roster = roster;
    roster.join(this);
    this.#receiver = method.open(this, context.models);
  }

  /** There is nothing more to come. */
  leave(): void {
    this.end();
  }

  message(bytes: Buffer): void {
    this.#receiver.message(bytes);
    this.#call.release();
  }

  ended(): void {
    this.#receiver.ended();
  }

  cancelled(): void {
    this.#close();
  }

  send(message: readonly Uint8Array[]): void {
    if (!this.#over) this.#call.send(message);
  }

  end(): void {
    if (this.#over) return;
    this.#call.finish(RpcStatus.ok, '');
    this.#close();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#roster.leave(this);
    this.#receiver.closed();
  }
}
