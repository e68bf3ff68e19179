import { percentDecoded } from '#base';
import type { SourceOptions } from '../../source.ts';
import { basic, netrcAuthorization } from './netrc.ts';

/** Whose credentials are sent where: those in a URL to all of its origin, those of netrc to their hosts. */
export class Accounts {
  readonly #environment: SourceOptions['environment'];
  readonly #byOrigin = new Map<string, Promise<string | undefined>>();

  constructor(urls: readonly string[], environment: SourceOptions['environment']) {
    this.#environment = environment;
    for (const url of urls) if (URL.canParse(url)) this.#note(new URL(url));
  }

  /** The value of `Authorization`. A URL's own user counts before all. */
  authorizationFor(url: URL): Promise<string | undefined> {
    const own = authorizationIn(url);
    if (own !== undefined) return Promise.resolve(own);
    const known = this.#byOrigin.get(url.origin) ?? netrcAuthorization(url.hostname, this.#environment);
    this.#byOrigin.set(url.origin, known);
    return known;
  }

  #note(url: URL): void {
    const authorization = authorizationIn(url);
    if (authorization !== undefined) this.#byOrigin.set(url.origin, Promise.resolve(authorization));
  }
}

function authorizationIn({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return basic(percentDecoded(username) ?? username, percentDecoded(password) ?? password);
}
