import { createServer, type Server, type Socket } from 'node:net';
import type { RpcBudget } from '../rpc/budget.ts';
import type { RpcHandler } from '../rpc/call.ts';
import type { RpcLimits } from '../rpc/limits.ts';
import { RpcStatus } from '../rpc/status.ts';
import { Connection, type ConnectionHost } from './rpc/connection.ts';
import { addressOf, listen } from './rpc/listening.ts';

export interface RpcDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: RpcLimits;
  /** Counts what clients make the server hold: calls, and messages that arrive or are not released. */
  readonly budget: RpcBudget;
}

/** Connections that may be open at once; more are closed as they come. */
const MOST_CONNECTIONS = 8192;

/** How often clients are looked after, at the most seldom and the most often. Milliseconds. */
const SELDOM_MS = 1000;
const OFTEN_MS = 10;

/**
 * What clients send on connections that were idle when the door closed, in the moment before they learn of it, is still
 * answered. Milliseconds.
 */
const LINGER_MS = 100;

/**
 * An open port for gRPC: HTTP/2 without TLS, with a bound on everything that a client can hold on to. It knows nothing
 * of services and their messages, and which calls are still owed an answer, so that closing it can wait for them.
 */
export class RpcDoor implements ConnectionHost {
  /** `http://host:port`. */
  readonly url: string;
  readonly limits: RpcLimits;
  readonly budget: RpcBudget;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #sweeper: NodeJS.Timeout;
  #handler: RpcHandler | undefined;
  #owed = 0;
  #leaving = false;
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** Opens a port; call `serve` before anything else is awaited. Throws `port_taken` or `listen_failed`. */
  static async open({ host, port, limits, budget }: RpcDoorOptions): Promise<RpcDoor> {
    const server = createServer({ noDelay: true });
    server.maxConnections = MOST_CONNECTIONS;
    await listen(server, host, port);
    return new RpcDoor(server, `http://${addressOf(server, host)}`, { limits, budget });
  }

  private constructor(
    server: Server,
    url: string,
    { limits, budget }: Pick<RpcDoorOptions, 'limits' | 'budget'>,
  ) {
    this.#server = server;
    this.url = url;
    this.limits = limits;
    this.budget = budget;
    server.on('connection', socket => this.#connect(socket));
    // A fault of one connection's acceptance (out of descriptors, say) is no fault of the others'.
    server.on('error', () => undefined);
    const { handshakeMs, idleMs, silentMs, messageMs } = limits;
    const sweepMs = Math.min(
      SELDOM_MS,
      Math.max(OFTEN_MS, Math.min(handshakeMs, idleMs, silentMs, messageMs) / 4),
    );
    this.#sweeper = setInterval(() => this.#sweep(sweepMs), sweepMs);
  }

  /** Hands every call to `handler`. */
  serve(handler: RpcHandler): void {
    this.#handler = handler;
  }

  /** Calls that came and whose streams are not over: their answers have not gone out whole. */
  get owed(): number {
    return this.#owed;
  }

  /** Tells every client to go elsewhere with its next call; those that came, or are on their way, are still answered. */
  leave(): void {
    this.#leaving = true;
    for (const connection of this.#connections) connection.leave();
  }

  /** Takes no more connections, waits for the answers owed, at most `graceMs`, then closes. Safe to call again. */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const closed = new Promise<void>(resolve => void this.#server.close(() => resolve()));
    this.leave();
    const linger = Math.min(LINGER_MS, graceMs);
    await this.#emptied(linger);
    for (const connection of this.#connections) if (connection.isIdle) connection.destroy();
    await this.#emptied(graceMs - linger);
    for (const connection of this.#connections) connection.destroy();
    clearInterval(this.#sweeper);
    await closed;
  }

  /** Waits until no connection is open, at most so long. */
  async #emptied(mostMs: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, mostMs);
    await promise;
    clearTimeout(timer);
  }

  #connect(socket: Socket): void {
    const connection = new Connection(socket, this);
    this.#connections.add(connection);
    if (this.#leaving) connection.leave();
  }

  #sweep(sweepMs: number): void {
    for (const connection of this.#connections) connection.sweep(sweepMs);
  }

  // The connections' side.

  get handler(): RpcHandler {
    return this.#handler ?? unserved;
  }

  counted(change: 1 | -1): void {
    this.#owed += change;
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }
}

const unserved: RpcHandler = call => {
  call.finish(RpcStatus.unavailable, 'the server is not ready');
  return { message: () => undefined, ended: () => undefined, cancelled: () => undefined };
};
