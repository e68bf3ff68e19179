import { failure } from '#base';
import { type Challenge, challengeOf } from '../../registry/challenge.ts';
import type { Credentials } from '../../registry/docker-config.ts';
import type { SourceOptions } from '../../source.ts';
import { type Answer, type Content, contentOf } from '../http/ask.ts';
import type { HttpClient } from '../http/client.ts';
import { type Account, credentialsFor } from './credentials.ts';

/** Seconds that a token lives where nobody says: Docker's registry token specification. */
const TOKEN_SECONDS = 60;
/** It is not used when it may end on the way. Milliseconds. */
const MARGIN_MS = 5000;
const MOST_TOKEN = 1024 * 1024;

interface Token {
  readonly header: string;
  /** Milliseconds since 1970; never, for a password. */
  readonly until: number;
}

/** What lets a client in at one repository: a token or a password, found out by what the registry asks for. */
export class Access {
  readonly #client: HttpClient;
  readonly #account: Account;
  readonly #origin: string;
  readonly #environment: SourceOptions['environment'];
  #token: Token | undefined;
  #asking: Promise<Token | undefined> | undefined;

  constructor(
    client: HttpClient,
    account: Account,
    origin: string,
    environment: SourceOptions['environment'],
  ) {
    this.#client = client;
    this.#account = account;
    this.#origin = origin;
    this.#environment = environment;
  }

  /** The header to send along, where one is known that still counts. */
  known(): string | undefined {
    const isGood = this.#token !== undefined && this.#token.until > Date.now();
    return isGood ? this.#token?.header : undefined;
  }

  /**
   * The header that answers a challenge to a request that had `used`; undefined where there is nothing to answer with. Those who
   * ask at once get one token. Throws `source_refused` where the registry's own credentials are not let in, or would pass where
   * anybody can read them.
   */
  async answer(
    header: string | undefined,
    used: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const known = this.known();
    if (known !== undefined && known !== used) return known;
    const challenge = challengeOf(header);
    if (challenge === undefined) return undefined;
    // Whose asking it is may give up; that is none of the others' business.
    const others = await this.#asking?.catch(() => undefined);
    signal.throwIfAborted();
    return others?.header ?? (await this.#askAlone(challenge, signal))?.header;
  }

  #askAlone(challenge: Challenge, signal: AbortSignal): Promise<Token | undefined> {
    const asking = this.#ask(challenge, signal).then(token => {
      this.#token = token;
      return token;
    });
    this.#asking = asking;
    return asking.finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
  }

  async #ask(challenge: Challenge, signal: AbortSignal): Promise<Token | undefined> {
    const credentials = await credentialsFor(this.#account, this.#environment, signal);
    if (challenge.scheme === 'bearer') return this.#exchange(challenge, credentials, signal);
    if (credentials === undefined || 'identityToken' in credentials) return undefined;
    return { header: basic(credentials), until: Number.POSITIVE_INFINITY };
  }

  async #exchange(
    challenge: Extract<Challenge, { scheme: 'bearer' }>,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<Token> {
    const url = this.#realm(challenge.realm);
    const isIdentity = credentials !== undefined && 'identityToken' in credentials;
    const fields = new URLSearchParams({
      ...(challenge.service !== undefined && { service: challenge.service }),
      scope: challenge.scope ?? `repository:${this.#account.repository}:pull`,
      ...(isIdentity && {
        grant_type: 'refresh_token',
        client_id: 'fairlead',
        refresh_token: credentials.identityToken,
      }),
    });
    // What it holds is a secret: content, for which no redirect is followed.
    const content = isIdentity ? formOf(fields) : undefined;
    if (isIdentity) return this.#tokenOf(await this.#client.ask({ url, method: 'POST', content, signal }));
    for (const [name, value] of fields) url.searchParams.append(name, value);
    const headers = credentials === undefined ? undefined : { authorization: basic(credentials) };
    return this.#tokenOf(await this.#client.ask({ url, credentials: headers, signal }));
  }

  /** A server for tokens on another host is usual. In plain text, only the registry itself may be one that is so too. */
  #realm(realm: string): URL {
    const { uri } = this.#account;
    if (!URL.canParse(realm))
      throw failure('source_invalid', { uri, problem: 'it sends for a token to what is no URL' });
    const url = new URL(realm);
    const own = new URL(this.#origin);
    const isPlain = own.protocol === 'http:' && url.protocol === 'http:' && url.hostname === own.hostname;
    if (url.protocol === 'https:' || isPlain) return url;
    const problem = `it sends for a token to ${url.host} by plain http, where anybody on the way could read the password`;
    throw failure('source_refused', {
      uri,
      problem,
      remedy: 'no credentials were sent; tell whoever runs the registry',
    });
  }

  async #tokenOf(answer: Answer): Promise<Token> {
    const { uri, registry } = this.#account;
    if (answer.status !== 200) throw await this.#client.refused(answer, { remedy: loginRemedy(registry) });
    const value = (await this.#client.json(answer, MOST_TOKEN)) as Record<string, unknown> | null;
    const token = value?.['token'] ?? value?.['access_token'];
    if (typeof token !== 'string' || !/^[\x21-\x7E]+$/.test(token))
      throw failure('source_invalid', { uri, problem: `${answer.url.host} gave no token` });
    const seconds = Number(value?.['expires_in'] ?? TOKEN_SECONDS);
    const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : TOKEN_SECONDS) * 1000;
    return { header: `Bearer ${token}`, until: Date.now() + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) };
  }
}

export function loginRemedy(registry: string): string {
  return `run \`docker login ${registry}\`, or name the folder of its config.json with DOCKER_CONFIG`;
}

function formOf(fields: URLSearchParams): Content {
  return contentOf('application/x-www-form-urlencoded', Buffer.from(fields.toString()));
}

function basic(credentials: Exclude<Credentials, { identityToken: string }>): string {
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}
