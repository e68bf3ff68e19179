/** The HTTP client of all sources that speak HTTP without a library of their own. */
import { AppError, failure } from '#base';
import type { SourceOptions } from '../../source.ts';
import type { Answer, Ask } from './ask.ts';
import type { Reading } from './body.ts';
import { exchange, type Requested, STALE } from './exchange.ts';
import { followed, redirectOf, withoutUser } from './redirect.ts';
import { problemOf, type Refusal, refusal, retryAfter } from './refusal.ts';
import { unreachable } from './unreachable.ts';
import { type Way, Ways } from './ways.ts';

/** More is a circle. Browsers follow 20. */
const MOST_REDIRECTS = 10;

export class HttpClient {
  readonly #uri: string;
  readonly #patienceMs: number;
  readonly #ways: Ways;

  /** With a URI as it may be shown: errors name it. `shared`: another client, whose connections it asks over. */
  constructor(uri: string, options: SourceOptions, shared?: HttpClient) {
    this.#uri = uri;
    this.#patienceMs = options.patienceMs;
    this.#ways = shared === undefined ? new Ways(options) : shared.#ways;
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
      const answer = await this.#once({ method: 'GET', ...ask, url, headers }, ask.signal);
      const location = redirectOf(answer, ask);
      if (location === undefined) return answer;
      // What little it says is read, and the connection is used again. If that fails, so will the next request.
      await answer.body.text(MOST_REFUSAL).catch(() => {});
      const next = followed(url, location, this.#uri);
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
    // What it says may be cut off, above all by a server that refuses while it is sent something: what counts is that it refuses.
    const { text } = await body.text(MOST_REFUSAL).catch(unlessCutOff);
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
    this.#ways.close();
  }

  async #once(requested: Requested, signal: AbortSignal): Promise<Answer> {
    const { host } = requested.url;
    const reading: Reading = { uri: this.#uri, host, patienceMs: this.#patienceMs, signal };
    try {
      return await exchange(requested, await this.#way(requested.url, false, signal), reading);
    } catch (error) {
      // A server may end a connection that waits just when it is used: that says nothing about the server.
      if (error !== STALE) throw error;
      return exchange(requested, await this.#way(requested.url, true, signal), reading);
    }
  }

  async #way(url: URL, isFresh: boolean, signal: AbortSignal): Promise<Way> {
    try {
      return await this.#ways.take(url, isFresh, signal);
    } catch (error: unknown) {
      signal.throwIfAborted();
      throw unreachable(this.#uri, url.host, error);
    }
  }
}

/** Bytes as they are stored: what is compressed on the way has no ranges, and no size that is known. */
const FIRST = { 'accept-encoding': 'identity', 'user-agent': 'fairlead', connection: 'keep-alive' } as const;

const MOST_REFUSAL = 8192;

function unlessCutOff(error: unknown): { text: string } {
  if (error instanceof AppError && error.code === 'source_unavailable') return { text: '' };
  throw error;
}
