/** Requests to one repository of a registry, with what lets in. */
import { type AppError, failure } from '#base';
import { registryOrigin } from '../../registry/address.ts';
import type { SourceOptions } from '../../source.ts';
import type { OciReference } from '../../uri/reference.ts';
import type { Answer, Ask } from '../http/ask.ts';
import { HttpClient } from '../http/client.ts';
import type { Refusal } from '../http/refusal.ts';
import { speaksPlainHttp } from '../http/unreachable.ts';
import { Access } from './access.ts';
import { loginRemedy } from './token.ts';

export class RegistryRequests {
  readonly repository: string;
  readonly origin: string;
  /** As it may be shown. */
  readonly uri: string;
  readonly #registry: string;
  readonly #http: HttpClient;
  readonly #access: Access;

  constructor(reference: OciReference, uri: string, options: SourceOptions) {
    const { registry, repository } = reference;
    this.uri = uri;
    this.repository = repository;
    this.origin = registryOrigin(reference);
    this.#registry = registry;
    this.#http = new HttpClient(uri, options);
    this.#access = new Access(this.#http, { registry, repository, uri }, this.origin, options.environment);
  }

  /** The repository is written to from now on, which its token must allow. */
  wantPush(): void {
    this.#access.want(`repository:${this.repository}:pull,push`);
  }

  /**
   * Asks for what lies below `/v2/`, or for a URL that the registry named, with what is known, and once more with what the registry
   * asks for. Nobody but the registry itself is sent credentials. Whatever the status, the answer is handed out. Throws
   * `source_refused`, `source_unavailable`, `source_invalid`, or the signal's reason.
   */
  async ask(path: string | URL, ask: Omit<Ask, 'url' | 'credentials'>): Promise<Answer> {
    const url = typeof path === 'string' ? new URL(`${this.origin}/v2/${path}`) : path;
    const { signal, content } = ask;
    const isOwn = url.origin === this.origin;
    const used = isOwn ? await this.#lettingIn(content !== undefined, signal) : undefined;
    const answer = await this.#ask(url, ask, used);
    // Where a redirect led, nobody of the registry asks for anything.
    if (answer.status !== 401 || !isOwn || answer.url.origin !== this.origin) return answer;
    // Read before the token is fetched: connections are few, and those who ask at once would hold all of them.
    const refused = await this.refused(answer);
    const authorization = await this.#access.answer(answer.headers['www-authenticate'], used, signal);
    if (authorization === undefined) throw refused;
    return this.#ask(url, ask, authorization);
  }

  /** The error that an answer is. Reads its body. */
  refused(answer: Answer, about: Partial<Pick<Refusal, 'near' | 'problem'>> = {}): Promise<AppError> {
    return this.#http.refused(answer, { remedy: loginRemedy(this.#registry), ...about });
  }

  json(answer: Answer, mostBytes: number): Promise<unknown> {
    return this.#http.json(answer, mostBytes);
  }

  invalid(problem: string, status: number): AppError {
    return failure('source_invalid', { uri: this.uri, status, problem });
  }

  /** Drops all connections. */
  close(): void {
    this.#http.close();
  }

  #lettingIn(isMuch: boolean, signal: AbortSignal): Promise<string | undefined> | string | undefined {
    return isMuch ? this.#access.current(signal) : this.#access.known();
  }

  async #ask(url: URL, ask: Omit<Ask, 'url'>, authorization: string | undefined): Promise<Answer> {
    const credentials = authorization === undefined ? {} : { authorization };
    try {
      return this.#spoken(await this.#http.ask({ ...ask, url, credentials }));
    } catch (error: unknown) {
      if (!speaksPlainHttp(error)) throw error;
      const problem = `${url.host} speaks plain http, where anybody on the way could read and change what passes; --plain-http, or ?insecure=true in its URI, allows that`;
      throw failure('source_invalid', { uri: this.uri, problem }, error);
    }
  }

  /** A proxy that wants somebody to sign in answers all with its page, and with 200: as if everything were there, and kept. */
  #spoken(answer: Answer): Answer {
    const { status, headers, url, body } = answer;
    const isPage = status < 300 && /^text\/html\b/i.test(headers['content-type'] ?? '');
    if (!isPage || url.origin !== this.origin) return answer;
    body.drop();
    throw this.invalid(`${url.host} answers with a page for people, not as a registry`, status);
  }
}
