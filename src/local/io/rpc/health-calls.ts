import { type AppError, failure } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus, rpcStatusOf } from '#net';
import { isService, listMessage, Serving, serviceOf, statusMessage } from '../../rpc/health.ts';

const CHECK = '/grpc.health.v1.Health/Check';
const LIST = '/grpc.health.v1.Health/List';
const WATCH = '/grpc.health.v1.Health/Watch';

/** `grpc.health.v1.Health`, of the gateway itself: whether a call would find a server. */
export class HealthCalls {
  readonly #isServing: () => boolean;
  readonly #watches = new Set<Watch>();
  #leaving = false;

  constructor(isServing: () => boolean) {
    this.#isServing = isServing;
  }

  get status(): Serving {
    return this.#isServing() && !this.#leaving ? Serving.yes : Serving.no;
  }

  /** Who answers a call, if it is one of these. */
  receiver(call: RpcCall): RpcReceiver | undefined {
    if (call.path === CHECK || call.path === LIST) return new Asked(call, this);
    return call.path === WATCH ? new Watch(call, this) : undefined;
  }

  /** Tells who watches, if the status is another. */
  changed(): void {
    for (const watch of this.#watches) watch.tell();
  }

  /** From now on nothing is served; who watches hears it and is sent elsewhere. */
  leave(): void {
    this.#leaving = true;
    for (const watch of this.#watches) watch.leave();
  }

  join(watch: Watch): void {
    this.#watches.add(watch);
  }

  part(watch: Watch): void {
    this.#watches.delete(watch);
  }

  /** The one answer to Check or List. Throws `service_unknown`. */
  reply(path: string, message: Buffer): Uint8Array {
    if (path === LIST) return listMessage(this.status);
    const service = serviceOf(message);
    if (!isService(service)) throw failure('service_unknown', { service: service.slice(0, 200) });
    return statusMessage(this.status);
  }
}

/** A call with one message and one answer. */
class Asked implements RpcReceiver {
  readonly #call: RpcCall;
  readonly #health: HealthCalls;
  #message: Buffer | undefined;

  constructor(call: RpcCall, health: HealthCalls) {
    this.#call = call;
    this.#health = health;
  }

  message(bytes: Buffer): void {
    if (this.#message !== undefined) throw oneMessage('a second came');
    this.#message = bytes;
  }

  ended(): void {
    if (this.#message === undefined) throw oneMessage('none came');
    this.#call.send([this.#health.reply(this.#call.path, this.#message)]);
    this.#call.finish(RpcStatus.ok, '');
  }

  cancelled(): void {
    // There is nothing to give up.
  }
}

/** Says the status at once, and again whenever it is another. */
class Watch implements RpcReceiver {
  readonly #call: RpcCall;
  readonly #health: HealthCalls;
  #service: string | undefined;
  #said: Serving | undefined;

  constructor(call: RpcCall, health: HealthCalls) {
    this.#call = call;
    this.#health = health;
    health.join(this);
  }

  message(bytes: Buffer): void {
    if (this.#service !== undefined) throw oneMessage('a second came');
    this.#service = serviceOf(bytes);
    this.tell();
  }

  ended(): void {
    if (this.#service === undefined) throw oneMessage('none came');
  }

  cancelled(): void {
    this.#health.part(this);
  }

  tell(): void {
    if (this.#service === undefined) return;
    const status = isService(this.#service) ? this.#health.status : Serving.serviceUnknown;
    if (status === this.#said) return;
    this.#said = status;
    this.#call.send([statusMessage(status)]);
  }

  leave(): void {
    this.tell();
    const error = failure('draining', {});
    this.#call.finish(rpcStatusOf(error), error.message);
    this.#health.part(this);
  }
}

function oneMessage(problem: string): AppError {
  return failure('rpc_malformed', { problem: `this method takes one message, and ${problem}` });
}
