/** The HTTP client of all sources that speak HTTP without a library of their own. */
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { getCACertificates } from 'node:tls';
import { type AppError, failure } from '#base';
import type { SourceOptions } from '../../source.ts';
import { isLoopback } from '../../uri/parse-https.ts';
import { Body, type Reading } from './body.ts';
import { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { problemOf, type Refusal, refusal, retryAfter } from './refusal.ts';
import { unreachable } from './unreachable.ts';

export interface Ask {
  readonly url: URL | string;
  readonly method?: 'GET' | 'HEAD';
  /** Sent as a form by POST, to the URL itself only: no redirect is followed, since what it holds may be a secret. */
  readonly form?: string;
  /** Sent wherever redirects lead. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent to the origin of the URL only, and to nobody once a redirect has led away from it. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where redirects led, whose query may be a secret. */
  readonly url: URL;
  readonly body: Body;
}

/** More is a circle. Browsers follow 20. */
const MOST_REDIRECTS = 10;

export class HttpClient {
  readonly #uri: string;
  readonly #patienceMs: number;
  readonly #connections: Connections;
  /** Where there is TLS, or proxies. */
  readonly #agents: { readonly kept: Agents; readonly fresh: Agents };
  readonly #isProxied: boolean;

  /** With a URI as it may be shown: errors name it. `shared`: another client, whose connections it asks over. */
  constructor(
    uri: string,
    { patienceMs, connections, environment, authorities }: SourceOptions,
    shared?: HttpClient,
  ) {
    this.#uri = uri;
    this.#patienceMs = patienceMs;
    // `proxyEnv` came with Node 22.21 and 24.5; before, it does nothing.
    const proxyEnv = proxiesOf(environment);
    this.#isProxied = Object.keys(proxyEnv).length > 0;
    const options = { keepAlive: true, maxSockets: connections, proxyEnv };
    this.#agents = shared === undefined ? bothAgents(options, authorities) : shared.#agents;
    this.#connections = shared === undefined ? new Connections(connections) : shared.#connections;
  }

  /**
   * Asks, and follows redirects. Whatever the status, the answer is handed out; its body must be read or dropped. Throws
   * `source_unavailable` where none comes, `source_invalid` for a redirect that must not be followed, or the signal's reason.
   */
  async ask(ask: Ask): Promise<Answer> {
    let url = withoutUser(new URL(ask.url));
    let isTrusted = true;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const headers = { ...FIRST, ...ask.headers, ...(isTrusted && ask.credentials) };
      const answer = await this.#once(url, ask, headers);
      const location = locationOf(answer);
      if (location === undefined || ask.form !== undefined) return answer;
      // What little it says is read, and the connection is used again. If that fails, so will the next request.
      await answer.body.text(MOST_REFUSAL).catch(() => {});
      const next = this.#followed(url, location);
      isTrusted &&= next.origin === url.origin;
      url = next;
    }
    throw failure('source_invalid', {
      uri: this.#uri,
      problem: `it redirects more than ${MOST_REDIRECTS} times`,
    });
  }

  /** The error that an answer is, with what the server says about it. Reads its body. */
  async refused(answer: Answer, about: Omit<Refusal, 'uri' | 'status' | 'waitMs'>): Promise<AppError> {
    const { status, headers, body } = answer;
    const { text } = await body.text(MOST_REFUSAL);
    const waitMs = retryAfter(headers['retry-after'], Date.now());
    const problem = about.problem ?? problemOf(text, headers['content-type']);
    return refusal({ ...about, uri: this.#uri, status, problem, waitMs });
  }

  /** The JSON of an answer. Throws `source_invalid` where it is none, or larger than anything it should be. */
  async json({ status, body }: Answer, mostBytes: number): Promise<unknown> {
    const { text, isWhole } = await body.text(mostBytes);
    const invalid = (problem: string): AppError =>
      failure('source_invalid', { uri: this.#uri, status, problem });
    if (!isWhole) throw invalid(`an answer of more than ${mostBytes} bytes`);
    try {
      return JSON.parse(text);
    } catch {
      throw invalid('the answer is no JSON');
    }
  }

  /** Drops all connections, those in use too. */
  close(): void {
    this.#connections.close();
    for (const { plain, secure } of Object.values(this.#agents)) {
      plain.destroy();
      secure.destroy();
    }
  }

  async #once(url: URL, ask: Ask, headers: Readonly<Record<string, string>>): Promise<Answer> {
    try {
      return await this.#send(url, ask, headers, await this.#way(url, ask, false));
    } catch (error) {
      // A server may end a connection that waits just when it is used: that says nothing about the server.
      if (error !== STALE) throw error;
      return this.#send(url, ask, headers, await this.#way(url, ask, true));
    }
  }

  /** How a server is reached: others that wait than a connection that was ended may have been ended too. */
  async #way(url: URL, { signal }: Ask, isFresh: boolean): Promise<Way> {
    if (this.#isProxied || url.protocol === 'https:') return isFresh ? this.#agents.fresh : this.#agents.kept;
    try {
      return await this.#connections.take(url, isFresh, signal);
    } catch (error: unknown) {
      signal.throwIfAborted();
      throw unreachable(this.#uri, url.host, error);
    }
  }

  #send(
    url: URL,
    { method = 'GET', form, signal }: Ask,
    headers: Readonly<Record<string, string>>,
    way: Way,
  ): Promise<Answer> {
    const reading: Reading = { uri: this.#uri, host: url.host, patienceMs: this.#patienceMs, signal };
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const request = requestOf(url, form === undefined ? { method, headers } : posted(form, headers), way);
      const [connection, isUsed] = way instanceof Connection ? [way, way.isReused] : [undefined, false];
      const giveUp = (): void => void request.destroy();
      let patience: NodeJS.Timeout | undefined;
      let isLate = false;
      const settle = (): void => {
        clearTimeout(patience);
        signal.removeEventListener('abort', giveUp);
      };
      signal.addEventListener('abort', giveUp);
      // Who waits for a connection to be free waits for nobody's answer.
      request.once('socket', () => {
        patience = setTimeout(() => {
          isLate = true;
          request.destroy();
        }, this.#patienceMs);
      });
      request.once('response', response => {
        settle();
        const { statusCode: status = 0, headers: told } = response;
        const bytes = connection?.divert(request, response) ?? response;
        resolve({ status, headers: told, url, body: new Body(bytes, reading) });
      });
      request.on('error', error => {
        settle();
        if (signal.aborted) reject(signal.reason as Error);
        else if (isLate) reject(late(reading));
        else if ((isUsed || request.reusedSocket) && isReset(error)) reject(STALE);
        else reject(unreachable(this.#uri, url.host, error));
      });
      request.end(form);
    });
  }

  #followed(from: URL, location: string): URL {
    const refuse = (problem: string): AppError => failure('source_invalid', { uri: this.#uri, problem });
    if (!URL.canParse(location, from.href)) throw refuse('it redirects to what is no URL');
    const to = new URL(location, from);
    if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refuse(`it redirects to ${to.protocol}`);
    const isPlain = to.protocol === 'http:' && !isLoopback(to.hostname);
    if (isPlain && (from.protocol === 'https:' || isLoopback(from.hostname)))
      throw refuse(`it redirects to plain http, at ${to.host}, where anybody on the way could change it`);
    return withoutUser(to);
  }
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function agentsOf(options: https.AgentOptions): Agents {
  return { plain: new http.Agent(options), secure: new https.Agent(options) };
}

function bothAgents(
  options: https.AgentOptions,
  authorities: string | undefined,
): { kept: Agents; fresh: Agents } {
  const trusted = authorities === undefined ? {} : { ca: [...getCACertificates('default'), authorities] };
  return {
    kept: agentsOf({ ...options, ...trusted }),
    fresh: agentsOf({ ...options, ...trusted, keepAlive: false }),
  };
}

type Way = Connection | Agents;

function requestOf(url: URL, options: http.RequestOptions, way: Way): http.ClientRequest {
  const isSecure = url.protocol === 'https:';
  const { request } = isSecure ? https : http;
  if (!(way instanceof Connection))
    return request(url, { ...options, agent: isSecure ? way.secure : way.plain });
  return request(url, { ...options, defaultPort: 80, createConnection: () => way.line() });
}

/** Bytes as they are stored: what is compressed on the way has no ranges, and no size that is known. */
const FIRST = { 'accept-encoding': 'identity', 'user-agent': 'fairlead', connection: 'keep-alive' } as const;

function posted(form: string, headers: Readonly<Record<string, string>>): http.RequestOptions {
  const type = 'application/x-www-form-urlencoded';
  const length = String(Buffer.byteLength(form));
  return { method: 'POST', headers: { ...headers, 'content-type': type, 'content-length': length } };
}

const MOST_REFUSAL = 8192;

/** Of a connection that had waited to be used again. */
const STALE = new Error('the connection was ended while it waited');

function isReset(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function late({ uri, host, patienceMs }: Reading): AppError {
  return failure('source_unavailable', { uri, problem: `${host} did not answer for ${patienceMs / 1000} s` });
}

function locationOf({ status, headers }: Answer): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headers.location : undefined;
}

/** A user in a URL would be sent along by itself. */
function withoutUser(url: URL): URL {
  [url.username, url.password] = ['', ''];
  return url;
}

export function proxiesOf(environment: SourceOptions['environment']): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap(name => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap(name => (environment[name] ? [[name, environment[name]]] : [])));
}
