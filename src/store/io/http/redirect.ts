import { type AppError, failure } from '#base';
import { isLoopback } from '../../uri/parse-https.ts';
import type { Answer, Ask } from './ask.ts';

/** Where an answer sends the one who asked; undefined where it does not, or where that is not followed. */
export function redirectOf(
  { status, headers }: Answer,
  { method = 'GET', content }: Ask,
): string | undefined {
  if (content !== undefined) return undefined;
  const isRead = method === 'GET' || method === 'HEAD';
  // The others let a POST become a GET (RFC 9110 §15.4), which is not what was asked.
  const statuses = isRead ? [301, 302, 303, 307, 308] : [307, 308];
  return statuses.includes(status) ? headers.location : undefined;
}

/**
 * The URL that a server of `from` names as a place to go on at. Throws `source_invalid` for what is no URL of HTTP, and for plain
 * http where it was not plain before.
 */
export function followed(from: URL, location: string, uri: string): URL {
  const refuse = (problem: string): AppError => failure('source_invalid', { uri, problem });
  if (!URL.canParse(location, from.href)) throw refuse('it redirects to what is no URL');
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refuse(`it redirects to ${to.protocol}`);
  const isPlain = to.protocol === 'http:' && !isLoopback(to.hostname);
  if (isPlain && (from.protocol === 'https:' || isLoopback(from.hostname)))
    throw refuse(`it redirects to plain http, at ${to.host}, where anybody on the way could change it`);
  return withoutUser(to);
}

/** A user in a URL would be sent along by itself. */
export function withoutUser(url: URL): URL {
  [url.username, url.password] = ['', ''];
  return url;
}
