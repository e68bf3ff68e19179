import { STATUS_CODES } from 'node:http';
import { type AppError, failure } from '#base';
import { redacted } from '../../uri/redact.ts';

/** An answer that is not the one that was asked for. */
export interface Refusal {
  /** As it may be shown. */
  readonly uri: string;
  readonly status: number;
  /** What the server says itself; without it, what the status means. */
  readonly problem?: string | undefined;
  /** What to do about credentials that are not enough, or are missing: each scheme's own. */
  readonly remedy: string;
  /** What is near to what is missing. */
  readonly near?: string | undefined;
  readonly waitMs?: number | undefined;
  /** The file that was read, on condition that it is still the one that was listed. */
  readonly file?: string | undefined;
}

/** What a status means to whoever asked, in one way for all schemes that speak HTTP (RFC 9110 §15). */
export function refusal(told: Refusal): AppError {
  const { uri, status, file, remedy, near, waitMs } = told;
  const problem = told.problem ?? (STATUS_CODES[status] ?? 'of no meaning').toLowerCase();
  const facts = { uri, status, problem };
  const code = codeOf(status, file !== undefined);
  switch (code) {
    case 'source_refused':
      return failure(code, { ...facts, remedy: status === 407 ? PROXY_REMEDY : remedy });
    case 'source_missing':
      return failure(code, { ...facts, ...(near !== undefined && { remedy: near }) });
    case 'source_changed':
      return failure(code, { uri, file: file ?? '' });
    case 'source_unavailable':
      return failure(code, { ...facts, ...(waitMs !== undefined && { waitMs }) });
    default:
      return failure(code, facts);
  }
}

const PROXY_REMEDY = 'give the proxy credentials: http://user:password@proxy';

type Code = 'source_refused' | 'source_missing' | 'source_changed' | 'source_unavailable' | 'source_invalid';

/** The table; a condition can fail only where there was one. */
function codeOf(status: number, isConditional: boolean): Code {
  if ([401, 403, 407].includes(status)) return 'source_refused';
  if ([404, 410].includes(status)) return 'source_missing';
  if ([412, 416].includes(status)) return isConditional ? 'source_changed' : 'source_invalid';
  // It may be another one later: too slow, too early, too much, or a fault of the server's.
  return [408, 425, 429].includes(status) || status >= 500 ? 'source_unavailable' : 'source_invalid';
}

/** Milliseconds that Retry-After asks for: seconds or a date (RFC 9110 §10.2.3), a day at most. */
export function retryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), DAY_MS);
}

const DAY_MS = 86_400_000;

/** What the text of a refusal says for people: the message of JSON or XML, the title of a page, or the text as it stands. */
export function problemOf(text: string, type: string | undefined): string | undefined {
  const said = /html/.test(type ?? '')
    ? /<title[^>]*>([^<]*)/i.exec(text)?.[1]
    : (messageOfJson(text) ?? /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? plain(text));
  const words = cleaned(said ?? '');
  return words === '' ? undefined : words;
}

/** `{error: 'words'}`, `{error: {message}}`, `{message}`, `{errors: [{message}]}`: what the clouds, registries and the Hub write. */
function messageOfJson(text: string): string | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // It is no JSON, or clipped: then it is text.
    return undefined;
  }
  for (const path of [['error'], ['error', 'message'], ['message'], ['errors', '0', 'message']]) {
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], found);
    if (typeof value === 'string') return value;
  }
  return undefined;
}

function plain(text: string): string | undefined {
  return /^\s*[<{[]/.test(text) ? undefined : text;
}

/** One line, without control characters and secrets of URLs, and not long. */
function cleaned(text: string): string {
  const line = text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/https?:\/\/[^\s"'<>]+/g, url => redacted(url))
    // A server may tell the path that it was asked for.
    .replaceAll(/(\/[^\s"'<>?]*)\?[^\s"'<>*]*=[^\s"'<>*]*(?=["'<>\s]|$)/g, '$1?***')
    .trim()
    .replace(/\.$/, '');
  return line.length > MOST_WORDS ? `${line.slice(0, MOST_WORDS)}…` : line;
}

const MOST_WORDS = 240;
