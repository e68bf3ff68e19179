import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ByteBudget } from '../budget.ts';
import type { RpcHandler } from '../rpc/call.ts';
import type { RpcLimits } from '../rpc/limits.ts';
import { addressOf, listen } from './listening.ts';
import { Connections } from './rpc/connections.ts';
import { Handshakes } from './tls/handshakes.ts';
import type { TlsIdentity } from './tls/tls-identity.ts';

export interface RpcDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: RpcLimits;
  /** Counts what clients make the server hold: calls, and messages that arrive or are not released. */
  readonly budget: ByteBudget;
  /** Speaks TLS by it; it outlives the door. */
  readonly tls?: TlsIdentity | undefined;
}

/** Connections that may be open at once; more are closed as they come. */
const MOST_CONNECTIONS = 8192;

/**
 * What clients send on connections that were idle when the door closed, in the moment before they learn of it, is still
 * answered. Milliseconds.
 */
const LINGER_MS = 100;

/**
 * An open port for gRPC: HTTP/2, with a bound on everything that a client can hold on to. It knows nothing
 * of services and their messages. It knows which calls are still owed an answer, so that closing it can wait for them.
 */
export class RpcDoor {
  /** `http://host:port`, or `https:`. */
  readonly url: string;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #handshakes: Handshakes | undefined;
  #closed: Promise<void> | undefined;

  /** Opens a port; call `serve` before anything else is awaited. Throws `port_taken` or `listen_failed`. */
  static async open(options: RpcDoorOptions): Promise<RpcDoor> {
    const { host, port, tls } = options;
    const plain = { noDelay: true };
    const server =
      tls === undefined
        ? createServer(plain)
        : createTlsServer({ ...plain, ...tls.options, ALPNProtocols: ['h2'] });
    server.maxConnections = MOST_CONNECTIONS;
    await listen(server, host, port);
    return new RpcDoor(server, options);
  }

  private constructor(server: Server, { host, limits, budget, tls }: RpcDoorOptions) {
    this.#server = server;
    this.#connections = new Connections(limits, budget);
    this.#handshakes = tls && Handshakes.of(server, tls, limits.handshakeMs);
    this.url = `${tls === undefined ? 'http' : 'https'}://${addressOf(server, host)}`;
    server.on(tls === undefined ? 'connection' : 'secureConnection', socket => this.#connections.add(socket));
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

  /** Ends every connection, whatever it is owed. */
  cut(): void {
    this.#connections.cut();
  }

  async #close(graceMs: number): Promise<void> {
    const closed = new Promise<void>(resolve => void this.#server.close(() => resolve()));
    this.leave();
    const linger = Math.min(LINGER_MS, graceMs);
    await this.#connections.emptied(linger);
    this.#connections.destroyIdle();
    await this.#connections.emptied(graceMs - linger);
    this.#handshakes?.destroy();
    this.#connections.destroy();
    await closed;
  }
}
