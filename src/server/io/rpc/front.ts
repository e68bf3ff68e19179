import { failure, type RpcCall, type RpcReceiver, RpcStatus } from '#base';
import type { RpcMethod, RpcService, RpcSession, Session, SessionReceiver } from '../../protocols/rpc.ts';
import type { RpcContext } from './context.ts';
import { PredictionStream } from './prediction-stream.ts';
import { UnaryCall } from './unary.ts';

/** Where gRPC calls come in: each goes to the method that its path names. */
export class RpcFront {
  readonly #methods = new Map<string, RpcMethod>();
  readonly #context: RpcContext;

  constructor(services: readonly RpcService[], context: RpcContext) {
    this.#context = context;
    for (const { name, methods } of services)
      for (const [method, what] of Object.entries(methods)) this.#methods.set(`/${name}/${method}`, what);
  }

  /** Throws `path_unknown`. */
  readonly handle = (call: RpcCall): RpcReceiver => {
    const method = this.#methods.get(call.path);
    if (method === undefined) throw failure('path_unknown', { path: call.path.slice(0, 200) });
    if (method.kind === 'predictions') return new PredictionStream(call, method, this.#context);
    if (method.kind === 'session') return new SessionCall(call, method, this.#context);
    return new UnaryCall(call, method, this.#context);
  };
}

/** A session and its call. */
class SessionCall implements RpcReceiver, Session {
  readonly #call: RpcCall;
  readonly #receiver: SessionReceiver;
  #over = false;

  constructor(call: RpcCall, method: RpcSession, { models }: RpcContext) {
    this.#call = call;
    this.#receiver = method.open(this, models);
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
    this.#receiver.closed();
  }
}
