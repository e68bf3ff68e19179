import { type AppError } from '#base';
import { guardCalls, type RpcCall, type RpcDoor, type RpcReceiver } from '#net';
import { RpcExchange } from './exchange.ts';
import type { HealthCalls } from './health-calls.ts';
import type { RpcPassage } from './passage.ts';

/** The door of a service for gRPC: answers for its own health, and sends all other calls to a server. */
export class RpcGateway {
  readonly #door: RpcDoor;
  readonly #passage: RpcPassage;
  readonly #health: HealthCalls;

  constructor(door: RpcDoor, passage: RpcPassage, health: HealthCalls) {
    this.#door = door;
    this.#passage = passage;
    this.#health = health;
    const refused = (_: RpcCall, { status }: AppError): void =>
      passage.tally.answered(undefined, status, passage.clock.now());
    door.serve(guardCalls(call => this.#take(call), { guard: passage.guard, refused }));
  }

  /** Calls that a server owes an answer. */
  get inFlight(): number {
    return this.#passage.calls.inFlight;
  }

  /** A server joined or left the rotation. */
  changed(): void {
    this.#health.changed();
  }

  /** Takes no more connections, lets what is in flight finish for at most `graceMs`, then ends it. */
  async close(graceMs: number): Promise<void> {
    this.#health.leave();
    this.#passage.calls.leave();
    await this.#door.close(graceMs);
    this.#passage.upstreams.destroy();
  }

  #take(call: RpcCall): RpcReceiver {
    return this.#health.receiver(call) ?? new RpcExchange(this.#passage, call);
  }
}
