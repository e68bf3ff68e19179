import { type Challenge, challengeOf } from '../../registry/challenge.ts';
import { covers, joined, noScopes, type Scopes, scopesOf } from '../../registry/scope.ts';
import type { SourceOptions } from '../../source.ts';
import type { HttpClient } from '../http/client.ts';
import { type Account, credentialsFor } from './credentials.ts';
import { basic, type Token, TokenServer } from './token.ts';

/** What lets a client in at one repository: a token or a password, found out by what the registry asks for. */
export class Access {
  readonly #account: Account;
  readonly #environment: SourceOptions['environment'];
  readonly #server: TokenServer;
  /** All that was ever asked for: a token for one thing must not replace another one's. */
  #wanted: Scopes = noScopes;
  #challenge: Challenge | undefined;
  #token: Token | undefined;
  #asking: Promise<Token | undefined> | undefined;

  constructor(
    client: HttpClient,
    account: Account,
    origin: string,
    environment: SourceOptions['environment'],
  ) {
    this.#account = account;
    this.#environment = environment;
    this.#server = new TokenServer(client, account, origin);
  }

  /** From now on, tokens are asked for this too. */
  want(scope: string): void {
    this.#wanted = joined(this.#wanted, scopesOf(scope));
  }

  /** The header to send along, where one is known that still counts. */
  known(): string | undefined {
    const isGood = this.#token !== undefined && this.#token.until > Date.now();
    return isGood ? this.#token?.header : undefined;
  }

  /** The header to send along with much that should not be sent in vain: a token that ends is replaced before. Throws as `answer`. */
  async current(signal: AbortSignal): Promise<string | undefined> {
    const known = this.known();
    if (known !== undefined || this.#challenge === undefined) return known;
    return this.#next(this.#challenge, this.#wanted, signal);
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
    const challenge = challengeOf(header);
    const scopes = this.#scopesOf(challenge);
    const known = this.known();
    if (known !== undefined && known !== used && isFor(this.#token, scopes)) return known;
    if (challenge === undefined) return undefined;
    this.#challenge = challenge;
    this.#wanted = joined(this.#wanted, scopes);
    return this.#next(challenge, scopes, signal);
  }

  #scopesOf(challenge: Challenge | undefined): Scopes {
    if (challenge?.scheme !== 'bearer') return noScopes;
    return scopesOf(challenge.scope ?? `repository:${this.#account.repository}:pull`);
  }

  async #next(challenge: Challenge, scopes: Scopes, signal: AbortSignal): Promise<string | undefined> {
    // Whose asking it is may give up; that is none of the others' business.
    while (this.#asking !== undefined) {
      const others = await this.#asking.catch(() => undefined);
      signal.throwIfAborted();
      if (isFor(others, scopes)) return others?.header;
    }
    return (await this.#askAlone(challenge, signal))?.header;
  }

  #askAlone(challenge: Challenge, signal: AbortSignal): Promise<Token | undefined> {
    const asking = this.#ask(challenge, signal)
      .then(token => {
        this.#token = token;
        return token;
      })
      .finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
    this.#asking = asking;
    return asking;
  }

  async #ask(challenge: Challenge, signal: AbortSignal): Promise<Token | undefined> {
    const credentials = await credentialsFor(this.#account, this.#environment, signal);
    if (challenge.scheme === 'bearer')
      return this.#server.exchange({ challenge, credentials, scopes: this.#wanted, signal });
    if (credentials === undefined || 'identityToken' in credentials) return undefined;
    return { header: basic(credentials), until: Number.POSITIVE_INFINITY, scopes: undefined };
  }
}

function isFor(token: Token | undefined, scopes: Scopes): boolean {
  return token !== undefined && (token.scopes === undefined || covers(token.scopes, scopes));
}
