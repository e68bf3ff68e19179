import { randomUUID } from 'node:crypto';
import { type IncomingMessage, maxHeaderSize, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AppError, asAppError, failure } from '#base';
import { validRequestId } from '../headers.ts';
import { Exchange, type Passage } from './exchange.ts';
import type { Door } from './listen.ts';
import type { OwnPages } from './own-pages.ts';
import { errorAnswer, respond } from './respond.ts';

/** The one door of a service: answers its own paths, and sends all others to a server. */
export class Gateway {
  readonly #server: Server;
  readonly #passage: Passage;
  readonly #pages: OwnPages;
  readonly #open = new Set<ServerResponse>();
  /** The answers that a connection is waiting for or getting; more than one when it pipelines. */
  readonly #byConnection = new WeakMap<Socket, Set<ServerResponse>>();
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor({ server }: Door, passage: Passage, pages: OwnPages) {
    this.#passage = passage;
    this.#pages = pages;
    this.#server = server;
    server.on('request', (request, response) => this.#take(request, response));
    server.on('error', error => passage.logger.log('error', 'gateway', { problem: error.message }));
    server.on('clientError', (error, socket) => this.#malformed(error, socket as Socket));
  }

  get inFlight(): number {
    return this.#open.size;
  }

  /** Takes no more connections, lets what is in flight finish for at most `graceMs`, then ends it. */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const response of this.#open) response.shouldKeepAlive = false;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>(resolve => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, graceMs);
      if (this.#open.size === 0) resolve();
    });
    clearTimeout(timer);
    this.#server.closeAllConnections();
    await closed;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const requestId = validRequestId(request.headers['x-request-id']) ?? randomUUID();
    this.#track(request, response);
    try {
      this.#dispatch(request, response, requestId);
    } catch (error: unknown) {
      this.#fail(response, asAppError(error), requestId);
    }
  }

  #dispatch(request: IncomingMessage, response: ServerResponse, requestId: string): void {
    const path = pathOf(request);
    const page = this.#pages.find(request.method ?? 'GET', path);
    if (page) {
      request.resume();
      page().then(
        answer => respond(response, answer, requestId),
        (error: unknown) => this.#fail(response, asAppError(error), requestId),
      );
      return;
    }
    const { concurrent } = this.#passage.limits;
    if (this.#open.size > concurrent) throw failure('overloaded', { limit: concurrent });
    new Exchange(this.#passage, { request, response, requestId, path }).start();
  }

  #track(request: IncomingMessage, response: ServerResponse): void {
    this.#open.add(response);
    const beside = this.#byConnection.get(request.socket) ?? new Set();
    this.#byConnection.set(request.socket, beside.add(response));
    if (this.#closed) response.shouldKeepAlive = false;
    // A client may leave between two writes; its `close` tells all there is to know.
    response.on('error', () => undefined);
    response.once('close', () => {
      this.#open.delete(response);
      beside.delete(response);
      if (this.#open.size === 0) this.#onEmpty?.();
    });
  }

  /** A refusal before the request went anywhere. What is left of its body is read and dropped. */
  #fail(response: ServerResponse, error: AppError, requestId: string): void {
    if (error.code === 'internal') this.#passage.logger.log('error', error.message, { requestId });
    response.req.resume();
    this.#passage.tally.answered(undefined, error.status, this.#passage.clock.now());
    respond(response, errorAnswer(error), requestId);
  }

  /** The parser gave up on a connection: say why, if the next thing the client expects there is that answer. */
  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    const waiting = [...(this.#byConnection.get(socket) ?? [])];
    const next = waiting.every(({ headersSent, req }) => !headersSent && !req.complete) && waiting.length < 2;
    if (!socket.writable || !next || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const fault = this.#wording(error, waiting.length > 0);
    const { body, type } = errorAnswer(fault);
    const head = [
      `HTTP/1.1 ${fault.status} ${STATUS[fault.status] ?? 'Error'}`,
      'Connection: close',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  }

  #wording(error: NodeJS.ErrnoException, begun: boolean): AppError {
    const { headersMs, requestMs } = this.#passage.limits;
    if (error.code === 'HPE_HEADER_OVERFLOW')
      return failure('headers_too_large', { limit: maxHeaderSize }, error);
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
      return failure('body_too_slow', { seconds: (begun ? requestMs : headersMs) / 1000 }, error);
    const reason = (error as { reason?: unknown }).reason;
    return failure('http_malformed', { problem: typeof reason === 'string' ? reason : error.message }, error);
  }
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Path and query of a request line; an absolute address is taken apart. */
function pathOf(request: IncomingMessage): string {
  if (request.httpVersion === '1.1' && request.headers.host === undefined)
    throw failure('http_malformed', { problem: 'the Host header is missing' });
  const target = request.url ?? '/';
  if (target.startsWith('/') || target === '*') return target;
  const url = URL.parse(target);
  if (url?.protocol !== 'http:') throw failure('http_malformed', { problem: `'${target}' is not a path` });
  return url.pathname + url.search;
}
