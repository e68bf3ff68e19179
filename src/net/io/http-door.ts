import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { type AppError, failure } from '#base';
import { type CorsPolicy, corsHeaders, preflightHeaders } from '../cors.ts';
import { faultOf, pathOf } from '../http-head.ts';
import type { ParserError } from '../http-parser-error.ts';
import { type Answering, Connection, type DoorLimits, type Owed } from './http-connection.ts';
import type { HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import { type HttpServer, serverOf } from './http-server.ts';
import { addressOf, listen } from './listening.ts';
import { Handshakes } from './tls/handshakes.ts';
import type { TlsIdentity } from './tls/tls-identity.ts';

export type { Answering, DoorLimits };

export interface DoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: DoorLimits;
  /** Speaks TLS by it; it outlives the door. */
  readonly tls?: TlsIdentity | undefined;
  /** Which pages of other origins may read answers, asked for each request; none where this is left out. */
  readonly cors?: (() => CorsPolicy | undefined) | undefined;
}

const MOST_CONNECTIONS = 8192;

/** Connections that are looked at to find one that is idle, when there is no room for another. */
const LOOKED_AT = 32;

type Handle = (request: HttpRequest, response: ServerResponse) => Answering;

/**
 * What clients send on connections that were idle when the door closed, in the moment before they learn of it, is still
 * answered. Milliseconds.
 */
const LINGER_MS = 100;

/**
 * An open HTTP port, with a bound on everything that a client can hold on to, and a sentence for everything that is no
 * request. It knows which answers are still owed, so that closing it can wait for them.
 */
export class HttpDoor {
  readonly url: string;
  readonly #server: HttpServer;
  readonly #limits: DoorLimits;
  readonly #cors: DoorOptions['cors'];
  readonly #handshakes: Handshakes | undefined;
  /** Those that were idle longest come first, about. */
  readonly #connections = new Map<Socket, Connection>();
  #taken = 0;
  readonly #readerCheck: NodeJS.Timeout;
  #owed = 0;
  #leaving = false;
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** Opens a port; call `serve` before anything else is awaited. Throws `port_taken` or `listen_failed`. */
  static async open(options: DoorOptions): Promise<HttpDoor> {
    const { host, port, limits, tls } = options;
    const server = serverOf(limits, tls);
    await listen(server, host, port);
    return new HttpDoor(server, options);
  }

  private constructor(server: HttpServer, { host, limits, tls, cors }: DoorOptions) {
    this.#server = server;
    this.#limits = limits;
    this.#cors = cors;
    this.#handshakes = tls && Handshakes.of(server, tls, limits.headersMs);
    this.url = `${tls === undefined ? 'http' : 'https'}://${addressOf(server, host)}`;
    server.on(tls === undefined ? 'connection' : 'secureConnection', socket => this.#connect(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket as Socket));
    server.on('connect', ({ socket }) => this.#refuse(new Error('CONNECT is for proxies'), socket));
    // A fault of one connection's acceptance (out of descriptors, say) is no fault of the others'.
    server.on('error', ignore);
    this.#readerCheck = setInterval(() => this.#checkReaders(), Math.min(1000, limits.silentMs));
    this.#readerCheck.unref();
  }

  /** Hands every request to `handle`, which sends `100 Continue` itself where a client waits for it. */
  serve(handle: Handle): void {
    const take = (request: HttpRequest, response: HttpResponse): void => {
      const owed = this.#track(request, response);
      if (owed === undefined) return;
      const fault = faultOf(request);
      const preflight = this.#share(request, response);
      if (fault !== undefined) turnAway(response, fault);
      else if (preflight !== undefined) response.writeHead(204, [...preflight]).end();
      else owed.answering = handle(request, response);
    };
    const takeExpecting = (request: HttpRequest, response: HttpResponse): void => {
      if (awaitsContinue(request)) return take(request, response);
      if (this.#track(request, response) === undefined) return;
      this.#share(request, response);
      turnAway(response, unknownExpectation(request));
    };
    this.#server.on('request', take);
    for (const event of ['checkContinue', 'checkExpectation']) this.#server.on(event, takeExpecting);
  }

  /** Answers owed: of requests that came, and whose answers have not gone out whole. */
  get owed(): number {
    return this.#owed;
  }

  /** From now on every connection ends after what it is owed, so that clients find another server. */
  leave(): void {
    this.#leaving = true;
    for (const connection of this.#connections.values()) connection.leave();
  }

  /** Takes no more connections, waits for the answers owed, at most `graceMs`, then closes. Safe to call again. */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  /** Ends every connection, whatever it is owed. */
  cut(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  async #close(graceMs: number): Promise<void> {
    this.leave();
    const closed = this.#stopListening();
    const linger = Math.min(LINGER_MS, graceMs);
    if (this.#connections.size > 0) await new Promise(resolve => setTimeout(resolve, linger));
    for (const [socket, { owed }] of this.#connections) if (owed.length === 0) socket.destroy();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, graceMs - linger);
      if (this.#owed === 0) resolve();
    });
    clearTimeout(timer);
    clearInterval(this.#readerCheck);
    this.#handshakes?.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await closed;
  }

  /**
   * The HTTP server's own `close` takes a connection for idle as soon as its answer has been handed over, and cuts off
   * what the client has not read yet. The plain server's only stops listening.
   */
  #stopListening(): Promise<void> {
    return new Promise(resolve => void NetServer.prototype.close.call(this.#server, () => resolve()));
  }

  /** Connections that were taken since it opened. */
  get taken(): number {
    return this.#taken;
  }

  #connect(socket: Socket): void {
    this.#taken++;
    // A client may leave at any moment; its `close` tells all there is to know. Node's own listener goes when a client asks
    // for a tunnel, and an error that nobody hears ends the process.
    socket.on('error', ignore);
    const { connections = MOST_CONNECTIONS } = this.#limits;
    if (this.#connections.size >= connections && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, new Connection(socket, this.#limits));
    socket.once('close', () => this.#connections.delete(socket));
  }

  /**
   * Ends a connection that is idle, one that has been so for long if there is one: clients that only hold connections keep
   * nobody out. Those that were looked at go to the end of the row. False when none was found.
   */
  #makeRoom(): boolean {
    let idle: Socket | undefined;
    let left = LOOKED_AT;
    for (const [socket, connection] of this.#connections) {
      if (left-- === 0) break;
      const { used, owed } = connection;
      if (owed.length === 0) idle ??= socket;
      if (owed.length === 0 && !used) {
        idle = socket;
        break;
      }
      connection.used = false;
      this.#connections.delete(socket);
      this.#connections.set(socket, connection);
    }
    idle?.destroy();
    return idle !== undefined && this.#connections.delete(idle);
  }

  /** Tells a browser whose page may read the answer; what answers the request itself, where it only asks that. */
  #share(request: HttpRequest, response: HttpResponse): readonly string[] | undefined {
    const policy = this.#cors?.();
    if (policy === undefined) return undefined;
    response.more = corsHeaders(policy, request);
    return preflightHeaders(policy, request);
  }

  #checkReaders(): void {
    const now = performance.now();
    for (const connection of this.#connections.values()) connection.checkReader(now);
  }

  #track(request: HttpRequest, response: ServerResponse): Owed | undefined {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    const owed = connection?.take(request, response, this.#leaving);
    if (connection === undefined || owed === undefined) return undefined;
    this.#owed++;
    // A client may leave between two writes; its `close` tells all there is to know.
    response.on('error', ignore);
    response.on('close', () => {
      connection.settle(owed);
      this.#owed--;
      owed.answering.closed();
      if (this.#leaving && connection.owed.length === 0) socket.destroySoon();
      if (this.#owed === 0) this.#onEmpty?.();
    });
    return owed;
  }

  #refuse(error: ParserError, socket: Socket): void {
    const connection = this.#connections.get(socket);
    // Without a connection, its handshake failed.
    if (error.code === 'ECONNRESET' || connection === undefined) socket.destroy();
    else connection.refuse(error);
  }
}

function ignore(): void {}

/** Answers a request that nobody should act upon. What is left of its body is read and dropped. */
function turnAway(response: ServerResponse, { status, message }: AppError): void {
  const body = JSON.stringify({ error: message });
  response.shouldKeepAlive = false;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Whether the client sends its body only after it was told to go on. HTTP/1.0 cannot say so: RFC 9110, 10.1.1. */
export function awaitsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue' && httpVersion === '1.1';
}

function unknownExpectation({ headers: { expect = '' } }: HttpRequest): AppError {
  return failure('expectation_unknown', { expected: expect.slice(0, 100) });
}

/** Path and query of a request line; an absolute address is taken apart. */
export function targetOf({ url = '/' }: IncomingMessage): string {
  return pathOf(url);
}
