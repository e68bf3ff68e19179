import { failure } from '#base';
import type { Challenge } from '../../registry/challenge.ts';
import type { Credentials } from '../../registry/docker-config.ts';
import { type Scopes, scopeTexts } from '../../registry/scope.ts';
import { type Answer, type Content, contentOf } from '../http/ask.ts';
import type { HttpClient } from '../http/client.ts';
import type { Account } from './credentials.ts';

/** Seconds that a token lives where nobody says: Docker's registry token specification. */
const TOKEN_SECONDS = 60;
/** It is not used when it may end on the way. Milliseconds. */
const MARGIN_MS = 5000;
const MOST_TOKEN = 1024 * 1024;

/** What lets in, for a while. */
export interface Token {
  readonly header: string;
  /** Milliseconds since 1970; never, for a password. */
  readonly until: number;
  /** What it was asked for; undefined for a password, which lets do all. */
  readonly scopes: Scopes | undefined;
}

/** What a token is asked for by. */
export interface Exchange {
  readonly challenge: Extract<Challenge, { scheme: 'bearer' }>;
  readonly credentials: Credentials | undefined;
  readonly scopes: Scopes;
  readonly signal: AbortSignal;
}

/** Gets tokens for credentials, or for nobody in particular, where a registry sends for them. */
export class TokenServer {
  readonly #client: HttpClient;
  readonly #account: Account;
  readonly #origin: string;

  /** With the origin of the registry. */
  constructor(client: HttpClient, account: Account, origin: string) {
    this.#client = client;
    this.#account = account;
    this.#origin = origin;
  }

  /** Throws `source_refused` where they are not let in, or would pass where anybody can read them. */
  async exchange({ challenge, credentials, scopes, signal }: Exchange): Promise<Token> {
    const url = this.#realm(challenge.realm);
    const service = challenge.service === undefined ? {} : { service: challenge.service };
    const answer =
      credentials !== undefined && 'identityToken' in credentials
        ? await this.#client.ask({
            url,
            method: 'POST',
            content: formOf(credentials, service, scopes),
            signal,
          })
        : await this.#client.ask({
            url: queried(url, service, scopes),
            credentials: named(credentials),
            signal,
          });
    return { ...(await this.#tokenOf(answer)), scopes };
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

  async #tokenOf(answer: Answer): Promise<Omit<Token, 'scopes'>> {
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

type Password = Exclude<Credentials, { identityToken: string }>;

export function basic(credentials: Password): string {
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function named(credentials: Password | undefined): Record<string, string> | undefined {
  return credentials === undefined ? undefined : { authorization: basic(credentials) };
}

/** Docker's registry token specification: one parameter for each scope. */
function queried(url: URL, service: object, scopes: Scopes): URL {
  for (const [name, value] of Object.entries(service)) url.searchParams.append(name, String(value));
  for (const scope of scopeTexts(scopes)) url.searchParams.append('scope', scope);
  return url;
}

/** What it holds is a secret: as content, no redirect is given it. */
function formOf({ identityToken }: { identityToken: string }, service: object, scopes: Scopes): Content {
  const fields = new URLSearchParams({
    ...service,
    scope: scopeTexts(scopes).join(' '),
    grant_type: 'refresh_token',
    client_id: 'fairlead',
    refresh_token: identityToken,
  });
  return contentOf('application/x-www-form-urlencoded', Buffer.from(fields.toString()));
}
