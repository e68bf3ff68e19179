/** One request, and the head of its answer. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type AppError, failure } from '#base';
import type { Answer, Ask, Content, Method } from './ask.ts';
import { Body, type Reading } from './body.ts';
import { Connection } from './connection.ts';
import { Patience } from './patience.ts';
import { send } from './sending.ts';
import { unreachable } from './unreachable.ts';
import { requestOf, type Way } from './ways.ts';

export interface Requested extends Omit<Ask, 'credentials' | 'signal'> {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of a connection that had waited to be used again. */
export const STALE = new Error('the connection was ended while it waited');

/** A connection may take so many bytes before it hears that it was ended. */
const MOST_STALE = 2 ** 18;

/**
 * Asks, and sends what is to be sent until there is an answer. Throws `STALE`, `source_unavailable`, what reading the content
 * throws, or the signal's reason.
 */
export function exchange(requested: Requested, way: Way, reading: Reading): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (reading.signal.aborted) reject(reading.signal.reason as Error);
    else new Exchange(requested, way, reading).run(resolve, reject);
  });
}

/** Servers and proxies may never have heard of being asked first. */
const MOST_ASKING_MS = 1000;

class Exchange {
  readonly #requested: Requested;
  readonly #way: Way;
  readonly #reading: Reading;
  readonly #request: ClientRequest;
  readonly #isUsed: boolean;
  readonly #patience: Patience;
  /** It has an answer, or failed. */
  readonly #over = new AbortController();
  readonly #giveUp = (): void => void this.#request.destroy();
  #sent = 0;

  constructor(requested: Requested, way: Way, reading: Reading) {
    const { url } = requested;
    this.#requested = requested;
    this.#way = way;
    this.#reading = reading;
    // Before a request is made over it, which counts as a use.
    this.#isUsed = way instanceof Connection && way.isReused;
    this.#request = requestOf(url, { method: requested.method, headers: headersOf(requested) }, way);
    this.#patience = new Patience(reading.patienceMs, this.#giveUp);
  }

  run(resolve: (answer: Answer) => void, reject: (error: unknown) => void): void {
    this.#reading.signal.addEventListener('abort', this.#giveUp);
    // Who waits for a connection to be free waits for nobody's answer.
    this.#request.once('socket', () => this.#begin(reject));
    this.#request.once('response', response => resolve(this.#answer(response)));
    this.#request.on('error', error => {
      this.#settle();
      reject(this.#fault(error));
    });
    if (this.#requested.content === undefined) this.#request.end();
  }

  #begin(reject: (error: unknown) => void): void {
    const { content, asksFirst, leisureMs } = this.#requested;
    this.#patience.start(leisureMs);
    if (content === undefined) return;
    if (!asksFirst) return this.#send(content, reject);
    const unasked = setTimeout(() => this.#request.emit('continue'), MOST_ASKING_MS);
    this.#over.signal.addEventListener('abort', () => clearTimeout(unasked));
    this.#request.once('continue', () => this.#send(content, reject));
  }

  #send(content: Content, reject: (error: unknown) => void): void {
    const onSent = (bytes: number): void => void (this.#sent += bytes);
    const sending = { uri: this.#reading.uri, patience: this.#patience, over: this.#over.signal, onSent };
    send(this.#request, content, sending).catch((error: unknown) => {
      // Whoever reads was told that nobody waits for it any more.
      if (this.#over.signal.aborted) return;
      this.#settle();
      reject(error);
      this.#request.destroy();
    });
  }

  #answer(response: IncomingMessage): Answer {
    this.#settle();
    const { statusCode: status = 0, headers } = response;
    // The server has said enough; what was not sent yet never is, and nobody else can use the connection.
    if (!this.#request.writableEnded) response.once('close', this.#giveUp);
    const diverted = this.#way instanceof Connection ? this.#way.divert(this.#request, response) : undefined;
    return { status, headers, url: this.#requested.url, body: new Body(diverted ?? response, this.#reading) };
  }

  #settle(): void {
    this.#patience.stop();
    this.#over.abort();
    this.#reading.signal.removeEventListener('abort', this.#giveUp);
  }

  #fault(error: Error): unknown {
    const { signal, uri, host } = this.#reading;
    if (signal.aborted) return signal.reason;
    if (this.#patience.isLost) return late(this.#reading, this.#sent);
    const isUsed = this.#isUsed || this.#request.reusedSocket;
    const isStale = isUsed && isReset(error) && this.#sent <= MOST_STALE;
    if (isStale && !(this.#requested.isOnce && this.#requested.content)) return STALE;
    return unreachable(uri, host, error);
  }
}

function headersOf({ method, headers, content, asksFirst }: Requested): Record<string, string> {
  const isRead = method === 'GET' || method === 'HEAD';
  if (content === undefined) return { ...headers, ...(!isRead && { 'content-length': '0' }) };
  const length = { 'content-type': content.type, 'content-length': String(content.size) };
  return { ...headers, ...length, ...(asksFirst && { expect: '100-continue' }) };
}

function isReset(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function late({ uri, host, patienceMs }: Reading, sent: number): AppError {
  const after = sent === 0 ? '' : ` after ${sent} bytes were sent`;
  return failure('source_unavailable', {
    uri,
    problem: `${host} did not answer for ${patienceMs / 1000} s${after}`,
  });
}
