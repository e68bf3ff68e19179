/**
 * Whence a request comes, as the proxies before this one say it. It is for what is told of a request, never for what is
 * allowed: whoever asks may say anything.
 */

/** A header by its name in lower case. */
type HeaderOf = (name: string) => unknown;

/** What the client spoke: to the first proxy that says so, or to this door. */
export function schemeOf(header: HeaderOf, isSecure: boolean): 'http' | 'https' {
  const told = firstOf(header('x-forwarded-proto'))?.toLowerCase();
  if (told === 'http' || told === 'https') return told;
  return isSecure ? 'https' : 'http';
}

/** The client's address, or what else stands at the other end of the connection. */
export function clientOf<T extends string | undefined>(header: HeaderOf, peer: T): string | T {
  const told = firstOf(header('x-forwarded-for'));
  return told !== undefined && ADDRESS.test(told) ? told : peer;
}

const ADDRESS = /^[0-9a-f]*[.:][0-9a-f.:]{1,44}$/i;

function firstOf(list: unknown): string | undefined {
  const text: unknown = Array.isArray(list) ? list[0] : list;
  return typeof text === 'string' ? text.split(',', 1)[0]?.trim() : undefined;
}
