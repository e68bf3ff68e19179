import type { ServerResponse } from 'node:http';
import { type AppError, type Clock, type Logger } from '#base';
import {
  type Answering,
  awaitsContinue,
  clientOf,
  type HttpRequest,
  refusalHeaders,
  schemeOf,
  targetOf,
} from '#net';
import type { Terms } from '../batching/port.ts';
import { answerLevel, loggedWords } from '../log-level.ts';
import type { CallerFacts } from '../observing/observation.ts';
import type { Caller, Prediction } from '../prediction.ts';
import { type Protocol, plainError, type Reply } from '../protocols/port.ts';
import { type RequestIds, requestIds, traceIdOf } from '../request-ids.ts';
import { termsOf } from '../terms.ts';
import { type Encoded, encode } from './encoding.ts';

export interface ExchangePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** An id for a request that came without one. */
  readonly freshId: () => string;
}

const FEW_BYTES = 16 * 1024;

/** One request and its answer: ids, headers, the log line. Answered at most once. */
export class Exchange implements Caller<Reply>, Answering {
  readonly request: HttpRequest;
  /** When its headers had arrived, on the clock. */
  readonly since: number;
  /** Words errors, once the path has told the protocol. */
  protocol: Protocol | undefined;
  /** Fails in the exchange's stead, once the path has told that it is a prediction, whose outcome counts. */
  prediction: Pick<Prediction<Reply>, 'fail' | 'identity' | 'seen'> | undefined;
  /** Bytes of its body, inflated. */
  received = 0;
  /** Of the answer that has gone out, and the bytes of its body. */
  #status: number | undefined;
  #sent = 0;
  readonly #response: ServerResponse;
  readonly #ids: RequestIds;
  readonly #ports: ExchangePorts;
  readonly #closers: (() => void)[] = [];
  #closed = false;
  #proceeded = false;

  constructor(request: HttpRequest, response: ServerResponse, ports: ExchangePorts) {
    this.request = request;
    this.#response = response;
    this.#ports = ports;
    this.since = ports.clock.now();
    this.#ids = requestIds(request.headers, ports.freshId);
  }

  /** The answer has gone out whole, or the client has left. */
  closed(): void {
    this.#closed = true;
    for (const close of this.#closers) close();
  }

  get answered(): boolean {
    return this.#response.headersSent || this.#closed;
  }

  /** Calls back when the connection is done with this exchange: the answer went out whole, or the client left. */
  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#closers.push(callback);
  }

  /** Fails what is not answered yet. */
  refuse(error: AppError): void {
    if (this.prediction !== undefined) this.prediction.fail(error);
    else if (!this.answered) this.fail(error);
  }

  /** Lets a client that waits for it send its body. */
  proceed(): void {
    if (!awaitsContinue(this.request)) return;
    this.#proceeded = true;
    this.#response.writeContinue();
  }

  /** Seconds since the request's headers had arrived. */
  seconds(): number {
    return (this.#ports.clock.now() - this.since) / 1000;
  }

  header(name: string): string | string[] | undefined {
    return this.request.headers[name];
  }

  get client(): string | undefined {
    return clientOf(name => this.header(name), this.request.socket.remoteAddress);
  }

  facts(): CallerFacts {
    const { method = 'GET', socket } = this.request;
    return {
      kind: 'http',
      method,
      scheme: schemeOf(name => this.header(name), 'encrypted' in socket),
      path: this.#path,
      requestId: this.#ids.requestId,
      status: this.#status,
      received: this.received,
      sent: this.#sent,
    };
  }

  terms(): Terms {
    const { headers } = this.request;
    return termsOf(this.since, name => headers[name]);
  }

  answer(reply: Reply): void {
    this.#log('request answered', reply.status);
    const encoded = encode(reply.body, acceptedBy(this.request));
    if (encoded instanceof Promise) void this.#sendLater(reply, encoded);
    else this.#send(reply, encoded, []);
  }

  /** Answers with an error, in the protocol's words. */
  fail(error: AppError): void {
    const reply = this.protocol?.error(error) ?? plainError(error);
    this.#log('request failed', reply.status, error);
    // Whether the client still sends a body it was not told to send, nobody knows: only a new connection is sure.
    if (awaitsContinue(this.request) && !this.#proceeded) this.#response.shouldKeepAlive = false;
    this.#send(reply, encode(reply.body, undefined), errorHeaders(error));
    // The rest of a refused body is read and dropped, within the request's time: closing on it would reset the
    // connection, and with that the answer.
    if (!this.request.complete) this.request.resume();
  }

  /** A large body is compressed by other threads; what they cannot do is left undone. */
  async #sendLater(reply: Reply, encoding: Promise<Encoded>): Promise<void> {
    this.#send(reply, await encoding.catch(() => encode(reply.body, undefined)), []);
  }

  #send(
    { status, type, headers: own = [] }: Reply,
    { pieces, headers: encoding }: Encoded,
    more: readonly string[],
  ): void {
    if (this.answered) return;
    this.#status = status;
    if (this.prediction?.seen !== undefined)
      this.#sent = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    const { requestId, traceparent } = this.#ids;
    const headers = ['Content-Type', type, ...encoding, 'x-request-id', requestId];
    if (traceparent !== undefined) headers.push('traceparent', traceparent);
    headers.push(...own, ...more);
    this.#response.writeHead(status, headers);
    const last = pieces.length - 1;
    for (const [index, piece] of pieces.entries()) if (index < last) this.#response.write(piece);
    endWith(this.#response, pieces[last]);
  }

  /** Without its query, in which some clients send their keys. */
  get #path(): string {
    return targetOf(this.request).replace(/\?.*$/s, '');
  }

  #log(message: string, status: number, error?: AppError): void {
    const { logger } = this.#ports;
    const level = answerLevel(error);
    if (!logger.enabled(level)) return;
    logger.log(level, message, {
      request_id: this.#ids.requestId,
      trace_id: this.prediction?.seen?.context?.traceId ?? traceIdOf(this.#ids),
      method: this.request.method,
      path: this.#path.slice(0, 200),
      status,
      ms: Number((this.seconds() * 1000).toFixed(3)),
      model: this.prediction?.identity.name,
      version: this.prediction?.identity.version,
      code: error?.code,
      error: loggedWords(error),
    });
  }
}

/** A string goes out in one write with the headers, bytes in one of their own: few bytes go as a string of as many characters. */
function endWith(response: ServerResponse, piece: string | Uint8Array | undefined): void {
  if (!(piece instanceof Buffer) || piece.length > FEW_BYTES) response.end(piece);
  else response.end(piece.toString('latin1'), 'latin1');
}

/** What a client says that it takes; several headers of one name are one list. */
function acceptedBy({ headers }: HttpRequest): string | undefined {
  const accepted = headers['accept-encoding'];
  return Array.isArray(accepted) ? accepted.join(',') : accepted;
}

/** When to come again: as soon as what waits now is answered, where that is known. Whole seconds (RFC 9110, 10.2.3). */
function retryAfter({ code, facts }: AppError): string {
  return code === 'deadline_unreachable' ? String(Math.max(1, Math.ceil(Number(facts['wait'])))) : '1';
}

function errorHeaders(error: AppError): string[] {
  const { code, facts, status } = error;
  if (code === 'method_not_allowed' && facts['allow'] !== '') return ['Allow', String(facts['allow'])];
  if (code === 'encoding_unsupported') return ['Accept-Encoding', 'gzip, deflate'];
  const ofRefusal = refusalHeaders(error);
  if (ofRefusal.length > 0) return ofRefusal;
  return status === 503 || status === 429 ? ['Retry-After', retryAfter(error)] : [];
}
