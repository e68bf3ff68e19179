import type { Socket } from 'node:net';
import type { ByteBudget } from '../../budget.ts';
import type { RpcHandler } from '../../rpc/call.ts';
import type { RpcLimits } from '../../rpc/limits.ts';
import { RpcStatus } from '../../rpc/status.ts';
import { Connection, type ConnectionHost } from './connection.ts';

/** How often clients are looked after, at the most seldom and the most often. Milliseconds. */
const SELDOM_MS = 1000;
const OFTEN_MS = 10;

/** Every open connection of a door, and who looks after them. */
export class Connections implements ConnectionHost {
  readonly limits: RpcLimits;
  readonly budget: ByteBudget;
  handler: RpcHandler = notYet;
  readonly #open = new Set<Connection>();
  readonly #sweeper: NodeJS.Timeout;
  #calls = 0;
  #leaving = false;
  #onEmpty: (() => void) | undefined;

  constructor(limits: RpcLimits, budget: ByteBudget) {
    this.limits = limits;
    this.budget = budget;
    const { handshakeMs, idleMs, silentMs, messageMs } = limits;
    const shortest = Math.min(handshakeMs, idleMs, silentMs, messageMs);
    const sweepMs = Math.min(SELDOM_MS, Math.max(OFTEN_MS, shortest / 4));
    this.#sweeper = setInterval(() => this.#sweep(sweepMs), sweepMs);
  }

  /** Calls whose streams are not over. */
  get calls(): number {
    return this.#calls;
  }

  get isLeaving(): boolean {
    return this.#leaving;
  }

  add(socket: Socket): void {
    this.#open.add(new Connection(socket, this));
  }

  /** Sends every client elsewhere with its next call; one that comes all the same is served, and sent on. */
  leave(): void {
    this.#leaving = true;
    for (const connection of this.#open) connection.leave();
  }

  /** Waits until no connection is open, at most so long. */
  async emptied(mostMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, mostMs);
    await promise;
    clearTimeout(timer);
  }

  destroyIdle(): void {
    for (const connection of this.#open) if (connection.isIdle) connection.destroy();
  }

  /** Ends every connection. */
  cut(): void {
    for (const connection of this.#open) connection.destroy();
  }

  /** Ends everything, also the looking after. */
  destroy(): void {
    this.cut();
    clearInterval(this.#sweeper);
  }

  // The connections' side.

  counted(change: 1 | -1): void {
    this.#calls += change;
  }

  gone(connection: Connection): void {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#onEmpty?.();
  }

  #sweep(sweepMs: number): void {
    for (const connection of this.#open) connection.sweep(sweepMs);
  }
}

const notYet: RpcHandler = call => {
  call.finish(RpcStatus.unavailable, 'the server is not ready');
  return { message: () => undefined, ended: () => undefined, cancelled: () => undefined };
};
