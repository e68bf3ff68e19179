import { type TraceContext, traceparentOf } from '#base';
import { GATEWAY_HEADER } from '#net';

/** Header lists are flat, as node:http has them raw: name, value, name, value… Order, case and repeats are kept. */
export type RawHeaders = readonly string[];

/** What belongs to one connection and is never passed on, besides what `Connection` names. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** How the body of a message is delimited, as its own connection says. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: string }
  | { readonly kind: 'chunked' };

export function framingOf(headers: Readonly<Record<string, string | string[] | undefined>>): Framing {
  if (headers['transfer-encoding'] !== undefined) return { kind: 'chunked' };
  const length = headers['content-length'];
  return typeof length === 'string' ? { kind: 'length', bytes: length } : { kind: 'none' };
}

/** What the gateway knows of a request that its headers do not say. */
export interface RequestFacts {
  readonly requestId: string;
  /** The client's address. */
  readonly peer: string;
  /** Where the server listens, as `host:port`. */
  readonly server: string;
  readonly method: string;
  readonly framing: Framing;
  /** What the client spoke to the gateway by. */
  readonly proto: 'http' | 'https';
  /** By which the server knows its gateway; undefined where it answers anybody. */
  readonly secret?: string | undefined;
  /** What clients show of credentials stays here: it was checked, and the server does not. */
  readonly isWithheld?: boolean;
  /** In place of what the client says of its trace. */
  readonly trace?: TraceContext | undefined;
}

/**
 * The headers a request goes on with. Its framing is written anew, from what was parsed: two readings of it are how
 * requests are smuggled.
 */
export function requestHeaders(raw: RawHeaders, facts: RequestFacts): string[] {
  const { requestId, peer, server, method, framing, proto, secret, isWithheld = false, trace } = facts;
  const came = parsed(raw);
  const forwarded = [...came.filter(({ key }) => key === 'x-forwarded-for').map(({ value }) => value), peer];
  const host = came.find(({ key }) => key === 'host')?.value;
  const has = (wanted: string): boolean => came.some(({ key }) => key === wanted);
  const sent = secret === undefined ? ['Host', server] : ['Host', server, GATEWAY_HEADER, secret];
  const kept = isWithheld ? WITHHELD : REWRITTEN;
  for (const { key, name, value } of endToEnd(came))
    if (!kept.has(key) && (trace === undefined || !TRACED.has(key))) sent.push(name, value);
  sent.push('X-Request-Id', requestId, 'X-Forwarded-For', forwarded.join(', '));
  if (!has('x-forwarded-proto')) sent.push('X-Forwarded-Proto', proto);
  if (!has('x-forwarded-host') && host !== undefined) sent.push('X-Forwarded-Host', host);
  return sent.concat(traceHeaders(trace), framingHeaders(framing, method));
}

const TRACED = new Set(['traceparent', 'tracestate']);

function traceHeaders(trace: TraceContext | undefined): string[] {
  if (trace === undefined) return [];
  const headers = ['traceparent', traceparentOf(trace)];
  return trace.state === '' ? headers : [...headers, 'tracestate', trace.state];
}

const REWRITTEN = new Set([
  'host',
  'x-request-id',
  'x-forwarded-for',
  'content-length',
  'expect',
  GATEWAY_HEADER,
]);

const WITHHELD = new Set([...REWRITTEN, 'authorization', 'x-api-key']);

/** The headers an answer goes back with. */
export function answerHeaders(
  raw: RawHeaders,
  { revision, requestId }: { revision: string; requestId: string },
): string[] {
  const came = parsed(raw);
  const sent: string[] = [];
  // Who may read answers is decided at the door.
  for (const { key, name, value } of endToEnd(came))
    if (key !== 'x-fairlead-revision' && !key.startsWith('access-control-')) sent.push(name, value);
  if (!came.some(({ key }) => key === 'x-request-id')) sent.push('X-Request-Id', requestId);
  sent.push('X-Fairlead-Revision', revision);
  return sent;
}

interface Header {
  /** The name in lower case. */
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

function parsed(raw: RawHeaders): Header[] {
  const found: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    found.push({ key: name.toLowerCase(), name, value: raw[at + 1] ?? '' });
  }
  return found;
}

function endToEnd(headers: readonly Header[]): Header[] {
  const named = headers
    .filter(({ key }) => key === 'connection')
    .flatMap(({ value }) => value.split(',').map(token => token.trim().toLowerCase()));
  return headers.filter(
    ({ key }) =>
      !(HOP_BY_HOP.has(key) || key.startsWith('proxy-') || (named.includes(key) && !FIXED.has(key))),
  );
}

/** `Connection` may name what its sender added for this hop, not what delimits or addresses the message. */
const FIXED = new Set(['content-length', 'host']);

function framingHeaders(framing: Framing, method: string): string[] {
  if (framing.kind === 'chunked') return ['Transfer-Encoding', 'chunked'];
  if (framing.kind === 'length') return ['Content-Length', framing.bytes];
  return ['POST', 'PUT', 'PATCH'].includes(method) ? ['Content-Length', '0'] : [];
}
