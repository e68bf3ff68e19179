import { createServer, type Server } from 'node:net';
import type { ByteBudget } from '../budget.ts';
import type { RpcHandler } from '../rpc/call.ts';
import type { RpcLimits } from '../rpc/limits.ts';
import { addressOf, listen } from './listening.ts';
import { Connections } from './rpc/connections.ts';

export interface RpcDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: RpcLimits;
  /** Counts what clients make the server hold: calls, and messages that arrive or are not released. */
  readonly budget: ByteBudget;
}

/** Connections that may be open at once; more are closed as they come. */
const MOST_CONNECTIONS = 8192;

/**
 * What clients send on connections that were idle when the door closed, in the moment before they learn of it, is still
 * answered. Milliseconds.
 */
const LINGER_MS = 100;

/**
 * An open port for gRPC: HTTP/2 without TLS, with a bound on everything that a client can hold on to. It knows nothing
 * of services and their messages. It knows which calls are still owed an answer, so that closing it can wait for them.
 */
export class RpcDoor {
  /** `http://host:port`. */
  readonly url: string;
  readonly #server: Server;
  readonly #connections: Connections;
  #closed: Promise<void> | undefined;

  /** Opens a port; call `serve` before anything else is awaited. Throws `port_taken` or `listen_failed`. */
  static async open({ host, port, limits, budget }: RpcDoorOptions): Promise<RpcDoor> {
    const server = createServer({ noDelay: true });
    server.maxConnections = MOST_CONNECTIONS;
    await listen(server, host, port);
    return new RpcDoor(server, `http://${addressOf(server, host)}`, new Connections(limits, budget));
  }

  private constructor(server: Server, url: string, connections: Connections) {
    this.#server = server;
    this.#connections = connections;
    this.url = url;
    server.on('connection', socket => connections.add(socket));
    // A fault of one connection's acceptance (out of descriptors, say) is no fault of the others'.
    server.on('error', () => undefined);
  }

  /** Hands every call to `handler`. */
  serve(handler: RpcHandler): void {
    this.#connections.handler = handler;
  }

  /** Calls that came and are not over: their answers have not gone out whole. */
  get owed(): number {
    return this.#connections.calls;
  }

  /** Tells every client to go elsewhere with its next call; those that came, or are on their way, are still answered. */
  leave(): void {
    this.#connections.leave();
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
    await this.#connections.emptied(linger);
    this.#connections.destroyIdle();
    await this.#connections.emptied(graceMs - linger);
    this.#connections.destroy();
    await closed;
  }
}
