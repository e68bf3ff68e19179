import type { AppError, ErrorCode } from '#base';

/** Counts who was not let in, by the code of the error. */
export class Refusals {
  readonly #counts = new Map<ErrorCode, number>();

  count(code: ErrorCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  counted(): readonly (readonly [ErrorCode, number])[] {
    return [...this.#counts];
  }
}

/**
 * What the answer to a refused request says in its headers, names and values in turn: which credentials are wanted
 * (RFC 6750, 3), or when to come again, in whole seconds (RFC 9110, 10.2.3). None for other errors.
 */
export function refusalHeaders({ code, facts, message }: AppError): string[] {
  if (code === 'credentials_missing') return challenge('');
  if (code === 'credentials_invalid' || code === 'credentials_expired')
    return challenge(`, error="invalid_token", error_description="${message.replaceAll(/["\\]/g, "'")}"`);
  if (code === 'access_denied' && typeof facts['scope'] === 'string')
    return challenge(`, error="insufficient_scope", scope="${facts['scope']}"`);
  if (code === 'rate_exceeded') return ['Retry-After', String(Math.max(1, Math.ceil(Number(facts['wait']))))];
  return code === 'concurrency_exceeded' || code === 'issuer_unavailable' ? ['Retry-After', '1'] : [];
}

function challenge(more: string): string[] {
  return ['WWW-Authenticate', `Bearer realm="fairlead"${more}`];
}
