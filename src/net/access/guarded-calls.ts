import { type AppError, asAppError } from '#base';
import type { RpcCall, RpcHandler, RpcReceiver } from '../rpc/call.ts';
import { rpcStatusOf } from '../rpc/status.ts';
import { permissionOfCall } from './endpoints.ts';
import type { Guard } from './guard.ts';
import { FREE, type Pass } from './limiter.ts';

export interface Guarding {
  /** Who decides now; undefined lets everybody in. */
  readonly guard: () => Guard | undefined;
  /** Told of a call that was not let in. */
  readonly refused?: (call: RpcCall, error: AppError) => void;
}

/** Hands on the calls of those who are let in. A further message of a call costs a key's rate as another call does. */
export function guardCalls(handler: RpcHandler, { guard, refused }: Guarding): RpcHandler {
  return call => {
    const guarding = guard();
    if (guarding === undefined) return handler(call);
    const pass = enter(call, guarding, refused);
    return pass === FREE ? handler(call) : new GuardedCall(call, handler, { pass, refused });
  };
}

function enter(call: RpcCall, guard: Guard, refused: Guarding['refused']): Pass | Promise<Pass> {
  try {
    return guard.enter({ needs: permissionOfCall(call.path), header: name => call.header(name) });
  } catch (error: unknown) {
    refused?.(call, asAppError(error));
    throw error;
  }
}

interface Entering {
  readonly pass: Pass | Promise<Pass>;
  readonly refused: Guarding['refused'];
}

/** A call with a pass. While that is awaited it keeps what comes, which is no more than a call may send ahead. */
class GuardedCall implements RpcReceiver {
  readonly #call: RpcCall;
  readonly #waiting: Buffer[] = [];
  #receiver: RpcReceiver | undefined;
  #pass: Pass = FREE;
  #messages = 0;
  #ended = false;
  #over = false;

  constructor(call: RpcCall, handler: RpcHandler, { pass, refused }: Entering) {
    this.#call = call;
    if (pass instanceof Promise)
      pass
        .then(granted => this.#enter(granted, handler))
        .catch((error: unknown) => this.#refuse(asAppError(error), refused));
    else this.#begin(pass, handler);
  }

  message(bytes: Buffer): void {
    if (this.#messages++ > 0) this.#pass.again();
    if (this.#receiver === undefined) this.#waiting.push(bytes);
    else this.#receiver.message(bytes);
  }

  ended(): void {
    this.#ended = true;
    this.#receiver?.ended();
  }

  drained(): void {
    this.#receiver?.drained?.();
  }

  cancelled(): void {
    this.#over = true;
    this.#receiver?.cancelled();
  }

  closed(): void {
    this.#over = true;
    this.#waiting.length = 0;
    this.#pass.leave();
    this.#receiver?.closed?.();
  }

  /** A pass that comes when nobody is left to use it is left at once. */
  #enter(pass: Pass, handler: RpcHandler): void {
    if (this.#over) return pass.leave();
    this.#begin(pass, handler);
    for (const bytes of this.#waiting.splice(0)) this.#receiver?.message(bytes);
    if (this.#ended) this.#receiver?.ended();
  }

  #begin(pass: Pass, handler: RpcHandler): void {
    this.#pass = pass;
    try {
      this.#receiver = handler(this.#call);
    } catch (error: unknown) {
      pass.leave();
      throw error;
    }
  }

  #refuse(error: AppError, refused: Guarding['refused']): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.length = 0;
    if (this.#receiver === undefined) refused?.(this.#call, error);
    this.#call.finish(rpcStatusOf(error), error.message);
    this.#receiver?.cancelled();
  }
}
