/** What a request shows of who sends it. */
export interface Credential {
  readonly text: string;
  /** Came as `Authorization: Bearer`, as tokens do; else it can be a key only. */
  readonly isBearer: boolean;
}

/** A value of a request's header, by its name in lower case; several joined by commas. */
export type Header = (name: string) => string | undefined;

/** A longer one is none. Characters. */
const LONGEST = 16_384;

/** What a key or token is made of: visible ASCII without the comma, which joins two headers of a name. */
const TEXT = /^[!-+\--~]+$/;

const BEARER = /^bearer +/i;

/**
 * The credential of a request: its `X-API-Key`, or where there is none its bearer token (RFC 6750, 2.1). Undefined where
 * neither is there; `unreadable` for a header that holds no such thing.
 */
export function credentialOf(header: Header): Credential | 'unreadable' | undefined {
  const key = header('x-api-key');
  if (key !== undefined) return readable(key, false);
  const authorization = header('authorization');
  if (authorization === undefined) return undefined;
  const scheme = BEARER.exec(authorization);
  return scheme === null ? 'unreadable' : readable(authorization.slice(scheme[0].length), true);
}

function readable(text: string, isBearer: boolean): Credential | 'unreadable' {
  return text.length <= LONGEST && TEXT.test(text) ? { text, isBearer } : 'unreadable';
}

/** Whether a text has the three parts of a signed token (RFC 7515, 7.1). */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
