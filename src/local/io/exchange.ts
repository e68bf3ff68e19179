import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppError, failure, messageOf } from '#base';
import type { Endpoint } from '../endpoint.ts';
import { answerHeaders, framingOf, requestHeaders } from '../headers.ts';
import type { RequestTrace } from '../request-trace.ts';
import { targetOf } from '../route.ts';
import { httpTrace } from '../traced-requests.ts';
import { MOST_TRIES, type Passage } from './passage.ts';
import { RequestBody } from './request-body.ts';
import { errorAnswer, respond } from './respond.ts';

const ANOTHER_PROTOCOL = 'it switched to another protocol';

/** What all exchanges go through. */
export interface HttpPassage extends Passage {
  readonly agent: Agent;
}

export interface Client {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Path and query, as they go on. */
  readonly path: string;
}

/** How a try failed: no connection, or one that had served before. */
interface Failing {
  readonly unconnected: boolean;
  readonly reused: boolean;
}

/** One request through the gateway: to a server, perhaps once more to another, and its answer back. */
export class Exchange {
  readonly #passage: HttpPassage;
  readonly #client: Client;
  readonly #body: RequestBody;
  readonly #trace: RequestTrace | undefined;
  #answerMs: number;
  #timer: NodeJS.Timeout;
  #upstream: ClientRequest | undefined;
  /** Who answers, once an answer has begun. */
  #answering: Endpoint | undefined;
  #retried = false;
  #tries = 0;
  /** What went wrong, as traces call it. */
  #error: string | undefined;
  /** No more is to come of it: refused, or the client left. */
  #over = false;

  constructor(passage: HttpPassage, client: Client) {
    const { replayBytes, answerMs } = passage.limits;
    this.#passage = passage;
    this.#client = client;
    this.#body = new RequestBody(client.request, { mostBytes: replayBytes, budget: passage.budget });
    this.#answerMs = answerMs;
    this.#timer = setTimeout(() => this.#late(), answerMs);
    this.#trace = httpTrace(passage, {
      method: client.request.method ?? 'GET',
      path: client.path,
      header: name => client.request.headers[name],
      requestId: client.requestId,
      peer: client.request.socket.remoteAddress ?? 'unknown',
      isSecure: 'encrypted' in client.request.socket,
    });
    client.response.once('close', () => this.#closed());
  }

  start(): void {
    const endpoint = this.#passage.pool.pick(targetOf(this.#client.path));
    if (endpoint) this.#send(endpoint);
    else this.#refuse(this.#unavailable('none is ready'));
  }

  #send(endpoint: Endpoint): void {
    let upstream: ClientRequest;
    try {
      upstream = this.#open(endpoint);
    } catch (error: unknown) {
      // node:http refuses paths and headers that its own parser has let through.
      return this.#refuse(failure('http_malformed', { problem: messageOf(error) }, error));
    }
    this.#upstream = upstream;
    if (endpoint.answerMs !== undefined) this.#allow(endpoint.answerMs);
    endpoint.enter();
    upstream.once('close', () => endpoint.leave());
    upstream.once('response', answer => this.#answer(endpoint, answer));
    upstream.once('upgrade', (_answer, socket) => this.#switched(socket));
    upstream.on('error', error => this.#broken(endpoint, upstream, error));
    const { mostBody } = endpoint;
    if (mostBody !== undefined) this.#body.limit(mostBody, () => this.#tooLarge(mostBody));
    if (!this.#over) this.#body.sendTo(upstream);
  }

  /** By a server, by a refusal here, or by the door, which found that the rest of the request is no HTTP. */
  get #isAnswered(): boolean {
    return this.#over || this.#client.response.headersSent;
  }

  /** The server speaks something else from here on, which nobody asked for: `Upgrade` is not passed on. */
  #switched(socket: Duplex): void {
    socket.destroy();
    if (!this.#isAnswered) this.#refuse(this.#unavailable(ANOTHER_PROTOCOL));
  }

  #tooLarge(limit: number): void {
    if (this.#answering) this.#client.response.destroy();
    else this.#refuse(failure('body_too_large', { limit }));
  }

  /** From now on, nothing for so long is too late. */
  #allow(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#answerMs = milliseconds;
    this.#timer = setTimeout(() => this.#late(), milliseconds);
  }

  #open(endpoint: Endpoint): ClientRequest {
    const { host, port, secret } = endpoint;
    const isWithheld = this.#passage.withholds(endpoint);
    const { request, path, requestId } = this.#client;
    const method = request.method ?? 'GET';
    const headers = requestHeaders(request.rawHeaders, {
      requestId,
      method,
      peer: request.socket.remoteAddress ?? 'unknown',
      server: endpoint.authority(port),
      framing: framingOf(request.headers),
      proto: 'encrypted' in request.socket ? 'https' : 'http',
      secret,
      isWithheld,
      trace: this.#trace?.send(endpoint),
    });
    return httpRequest({ host, port, method, path, headers, agent: this.#passage.agent });
  }

  #answer(endpoint: Endpoint, answer: IncomingMessage): void {
    if (this.#isAnswered) return;
    // What broke off shows as an incomplete answer when it closes.
    answer.on('error', () => undefined);
    const problem = this.#begin(endpoint, answer);
    if (problem !== undefined) {
      this.#refuse(this.#unavailable(problem));
      return;
    }
    this.#answering = endpoint;
    this.#body.release();
    // Who waits for an answer of which nobody knows how long it gets, such as events, has its headers at once.
    if (isStream(this.#client.request, answer)) this.#client.response.flushHeaders();
    this.#allow(this.#passage.limits.silentMs);
    answer.on('data', () => this.#timer.refresh());
    answer.once('close', () => answer.complete || this.#cut(endpoint, answer));
    answer.pipe(this.#client.response);
  }

  /** Begins the answer; says what is wrong with it when it cannot be passed on as HTTP. */
  #begin({ revision }: Endpoint, answer: IncomingMessage): string | undefined {
    if (answer.statusCode === 101) return ANOTHER_PROTOCOL;
    const { response, requestId } = this.#client;
    const headers = answerHeaders(answer.rawHeaders, { revision, requestId });
    try {
      response.writeHead(answer.statusCode ?? 0, answer.statusMessage ?? '', headers);
      return undefined;
    } catch (error: unknown) {
      return messageOf(error);
    }
  }

  /** The server broke off within its answer: the client can only be told by breaking off too. */
  #cut(endpoint: Endpoint, answer: IncomingMessage): void {
    if (this.#over) return;
    this.#over = true;
    const { tally, clock, logger } = this.#passage;
    this.#error = 'upstream_broke';
    tally.broke(endpoint.revision, answer.statusCode ?? 502, clock.now());
    logger.log('warn', 'answer broke off', { ...this.#facts(), revision: endpoint.revision });
    this.#passage.suspect(endpoint, false);
    this.#client.response.destroy();
  }

  /** The connection to a server failed. Before an answer began, another server may give it: predictions are pure. */
  #broken(endpoint: Endpoint, upstream: ClientRequest, error: Error): void {
    if (this.#isAnswered || this.#upstream !== upstream) return;
    this.#upstream = undefined;
    this.#body.detach();
    const unconnected = (error as NodeJS.ErrnoException).syscall === 'connect';
    this.#passage.suspect(endpoint, unconnected);
    const next = this.#next(endpoint, { unconnected, reused: upstream.reusedSocket });
    if (next === undefined) return this.#refuse(this.#unavailable(error.message));
    if (!unconnected) this.#retried = true;
    this.#trace?.sent({ error: (error as NodeJS.ErrnoException).code ?? 'upstream_broke' });
    this.#passage.tally.retried(endpoint.revision);
    this.#passage.logger.log('debug', 'request sent again', { ...this.#facts(), problem: error.message });
    this.#send(next);
  }

  /**
   * Who is tried next. A server may be asked what another one broke over once only: it may be what broke it. One that takes no
   * connection was asked nothing. The same server only when the connection was a kept one and nobody else is there: it may have
   * closed it as idle in the moment it was used.
   */
  #next(failed: Endpoint, { unconnected, reused }: Failing): Endpoint | undefined {
    this.#tries += 1;
    const isSpent = (this.#retried && !unconnected) || this.#tries >= MOST_TRIES;
    if (isSpent || !this.#body.repeatable) return undefined;
    const other = this.#passage.pool.another(targetOf(this.#client.path), failed);
    return other ?? (reused ? failed : undefined);
  }

  #late(): void {
    const endpoint = this.#answering;
    if (endpoint) {
      this.#error = 'deadline_exceeded';
      const { tally, clock } = this.#passage;
      tally.broke(endpoint.revision, this.#client.response.statusCode, clock.now());
      this.#over = true;
      this.#client.response.destroy();
      return;
    }
    this.#refuse(failure('deadline_exceeded', { seconds: this.#answerMs / 1000 }));
  }

  #refuse(error: AppError): void {
    this.#over = true;
    this.#error = error.code;
    const { response, requestId } = this.#client;
    const { code, message } = error;
    this.#passage.logger.log('warn', 'request refused', { ...this.#facts(), code, error: message });
    this.#upstream?.destroy();
    this.#body.discard();
    respond(response, errorAnswer(error), requestId);
  }

  /** The answer is out, or the client is gone: in both cases the server has nothing more to do for it. */
  #closed(): void {
    clearTimeout(this.#timer);
    this.#over = true;
    const { response } = this.#client;
    if (response.writableFinished) {
      this.#passage.tally.answered(this.#answering?.revision, response.statusCode, this.#passage.clock.now());
    }
    this.#traceEnd();
    const whole = response.writableFinished && this.#body.complete;
    this.#body.discard();
    if (!whole) this.#upstream?.destroy();
  }

  #traceEnd(): void {
    const { headersSent, statusCode, writableFinished } = this.#client.response;
    const status = headersSent ? statusCode : undefined;
    const fault = status !== undefined && status >= 500 ? String(status) : undefined;
    const error = this.#error ?? (writableFinished ? fault : 'client_gone');
    // What was answered, if anything was, is the gateway's own, and not that of the server that was asked.
    if (this.#answering === undefined) this.#trace?.sent({ error: error ?? 'client_gone' });
    this.#trace?.close({ status, error, revision: this.#answering?.revision });
  }

  #unavailable(problem: string): AppError {
    return failure('upstream_unavailable', { service: this.#passage.service, problem });
  }

  #facts(): Readonly<Record<string, unknown>> {
    const { requestId, path } = this.#client;
    return { request_id: requestId, path: path.replace(/\?.*$/s, '').slice(0, 200) };
  }
}

/** Whether nobody knows how long the answer gets: it ends with its last chunk, or with its connection. */
function isStream({ method }: IncomingMessage, { headers, statusCode = 0 }: IncomingMessage): boolean {
  const hasBody = method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return hasBody && headers['content-length'] === undefined;
}
