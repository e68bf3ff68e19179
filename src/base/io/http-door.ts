import {
  createServer,
  type IncomingMessage,
  maxHeaderSize,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { type AppError, failure } from '../errors.ts';

/** What a client may hold on to. Milliseconds. */
export interface DoorLimits {
  /** For a request's headers to arrive. */
  readonly headersMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** A connection between two requests. */
  readonly idleMs: number;
  /** A connection on which nothing moves while it is owed an answer. */
  readonly silentMs: number;
}

export interface DoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly limits: DoorLimits;
}

/** Connections that may be open at once; more are closed as they come. */
const MOST_CONNECTIONS = 8192;

/** Connections that the system holds until they are taken: a burst of clients is not turned away. */
const BACKLOG = 4096;

/** Refuses a request that was handed over, when the rest of it turns out not to come or to be no HTTP. */
type Refuse = (error: AppError) => void;
type Handle = (request: IncomingMessage, response: ServerResponse) => Refuse;

/** An answer that a connection waits for. */
interface Owed {
  readonly response: ServerResponse;
  refuse: Refuse;
}

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
  readonly #server: Server;
  readonly #limits: DoorLimits;
  /**
   * Every open connection, and the answers it waits for, in order; more than one when it pipelines. Lists, not sets: a
   * set that many short-lived things pass through rebuilds its table all the time, each old table points to the next, and
   * once one of them is in the old generation, none of what passed through is freed young (23 ms of each 100 were spent so).
   */
  readonly #connections = new Map<Socket, Owed[]>();
  #owed = 0;
  #leaving = false;
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** Opens a port; call `serve` before anything else is awaited. Throws `port_taken` or `listen_failed`. */
  static async open({ host, port, limits }: DoorOptions): Promise<HttpDoor> {
    const server = createServer({
      headersTimeout: Math.min(limits.headersMs, limits.requestMs),
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs, limits.requestMs),
      keepAliveTimeout: limits.idleMs,
      noDelay: true,
      // Answered here, with a sentence.
      requireHostHeader: false,
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.setTimeout(limits.silentMs);
    await listen(server, host, port);
    return new HttpDoor(server, host, limits);
  }

  private constructor(server: Server, host: string, limits: DoorLimits) {
    this.#server = server;
    this.#limits = limits;
    this.url = urlOf(server, host);
    server.on('connection', socket => this.#connect(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#refuse(error, socket as Socket));
    // A fault of one connection's acceptance (out of descriptors, say) is no fault of the others'.
    server.on('error', () => undefined);
  }

  /** Hands every request to `handle`, which sends `100 Continue` itself where a client waits for it. */
  serve(handle: Handle): void {
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const owed = this.#track(request, response);
      owed.refuse = handle(request, response);
    };
    for (const event of ['request', 'checkContinue', 'checkExpectation']) this.#server.on(event, take);
  }

  /** Answers owed: of requests that came, and whose answers have not gone out whole. */
  get owed(): number {
    return this.#owed;
  }

  /** From now on every answer ends its connection, so that clients find another server. */
  leave(): void {
    this.#leaving = true;
    for (const owed of this.#connections.values())
      for (const { response } of owed) response.shouldKeepAlive = false;
  }

  /** Takes no more connections, waits for the answers owed, at most `graceMs`, then closes. Safe to call again. */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    this.leave();
    const closed = this.#stopListening();
    const linger = Math.min(LINGER_MS, graceMs);
    if (this.#connections.size > 0) await new Promise(resolve => setTimeout(resolve, linger));
    for (const [socket, owed] of this.#connections) if (owed.length === 0) socket.destroy();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, graceMs - linger);
      if (this.#owed === 0) resolve();
    });
    clearTimeout(timer);
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

  #connect(socket: Socket): void {
    this.#connections.set(socket, []);
    socket.once('close', () => this.#connections.delete(socket));
  }

  #track({ socket }: IncomingMessage, response: ServerResponse): Owed {
    const owed = this.#connections.get(socket) ?? [];
    const one: Owed = { response, refuse: () => undefined };
    owed.push(one);
    this.#owed++;
    if (this.#leaving) response.shouldKeepAlive = false;
    // A client may leave between two writes; its `close` tells all there is to know.
    response.on('error', () => undefined);
    response.once('close', () => {
      owed.splice(owed.indexOf(one), 1);
      this.#owed--;
      if (this.#leaving && owed.length === 0) socket.destroySoon();
      if (this.#owed === 0) this.#onEmpty?.();
    });
    return one;
  }

  /** The parser gave up on a connection, or its time ran out: say why, where the client expects that answer. */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const last = this.#connections.get(socket)?.at(-1);
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else if (last === undefined) writeBare(socket, this.#wording(error, false));
    else this.#refuseLast(last, socket, error);
  }

  /** What came before the fault was a good request, or is the one that it broke: answered in its turn, then the end. */
  #refuseLast({ response, refuse }: Owed, socket: Socket, error: NodeJS.ErrnoException): void {
    response.shouldKeepAlive = false;
    response.once('close', () => socket.destroySoon());
    if (!response.headersSent && !response.req.complete) refuse(this.#wording(error, true));
  }

  #wording(error: NodeJS.ErrnoException, begun: boolean): AppError {
    const { headersMs, requestMs } = this.#limits;
    if (error.code === 'HPE_HEADER_OVERFLOW')
      return failure('headers_too_large', { limit: maxHeaderSize }, error);
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      return failure(
        'body_too_slow',
        { seconds: (begun ? requestMs : Math.min(headersMs, requestMs)) / 1000 },
        error,
      );
    }
    if (error.code === 'HPE_INVALID_EOF_STATE' && begun) return failure('body_cut', {}, error);
    const { reason } = error as { reason?: unknown };
    return failure('http_malformed', { problem: typeof reason === 'string' ? reason : error.message }, error);
  }
}

/** An answer to what never became a request. */
function writeBare(socket: Socket, { status, message }: AppError): void {
  const body = JSON.stringify({ error: message });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\nContent-Type: application/json`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

/** Whether the client sends its body only after it was told to go on. */
export function awaitsContinue({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === '100-continue';
}

/** Path and query of a request line; an absolute address is taken apart. Throws `http_malformed`. */
export function targetOf(request: IncomingMessage): string {
  const { url: target = '/', headers, httpVersion } = request;
  if (httpVersion === '1.1' && headers.host === undefined)
    throw failure('http_malformed', { problem: 'the Host header is missing' });
  const expected = headers.expect;
  if (expected !== undefined && !awaitsContinue(request))
    throw failure('expectation_unknown', { expected: expected.slice(0, 100) });
  if (target.startsWith('/') || target === '*') return target;
  const url = URL.parse(target);
  if (url?.protocol !== 'http:')
    throw failure('http_malformed', { problem: `'${target.slice(0, 100)}' is not a path` });
  return url.pathname + url.search;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const address = `${bracketed(host)}:${port}`;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, address));
    server.once('error', refuse);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeListener('error', refuse);
      resolve();
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, address: string): AppError {
  if (error.code === 'EADDRINUSE') return failure('port_taken', { address }, error);
  return failure('listen_failed', { address, problem: error.message }, error);
}

/** Every interface is shown as this machine's own. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const shown = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${bracketed(shown)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
