import { type AppError, failure } from '#base';

/** The head of a request, as node:http parses it. */
export interface RequestHead {
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Headers of one request. A parser that is told so refuses more; older ones leave them out, of which this sees some. */
export const MOST_HEADERS = 200;

/** Bytes of one request's first line and headers. */
export const MOST_HEADER_BYTES = 16 * 1024;

/** The host and port of RFC 9110, 4.2.1, without the marks that no name of a host has. */
const AUTHORITY = /^(?:[\w.~%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/i;

/**
 * What RFC 9112 has a server refuse and node:http lets through; undefined when nothing speaks against a request. Every
 * fault is one of its connection too: whoever wrote it may mean something else by what follows.
 */
export function faultOf(head: RequestHead): AppError | undefined {
  const { httpVersion, rawHeaders } = head;
  if (rawHeaders.length > 2 * MOST_HEADERS)
    return failure('headers_too_large', { limit: MOST_HEADER_BYTES, most: MOST_HEADERS });
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return failure('http_version_unknown', {});
  return targetFault(head) ?? headerFault(head);
}

/** Path and query of a request target; an absolute address is taken apart. */
export function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const path = ABSOLUTE.exec(target)?.[2];
  if (path === undefined) return target;
  return path.startsWith('/') ? path : `/${path}`;
}

/** The forms of RFC 9112, 3.2. */
function targetFault({ method, url = '/' }: RequestHead): AppError | undefined {
  if (url.startsWith('/')) return url.includes('#') ? malformed('the path has a fragment') : undefined;
  if (url === '*') return method === 'OPTIONS' ? undefined : malformed("'*' is for OPTIONS");
  const authority = ABSOLUTE.exec(url)?.[1] ?? '';
  const isHost = AUTHORITY.test(authority) && !/^(?::|$)/.test(authority);
  return isHost ? undefined : malformed(`'${url.slice(0, 100)}' is not a path`);
}

function headerFault({ httpVersion, rawHeaders }: RequestHead): AppError | undefined {
  const { hosts, codings } = routing(rawHeaders);
  const [host = ''] = hosts;
  // RFC 9112, 3.2.
  if (hosts.length === 0 && httpVersion === '1.1') return malformed('the Host header is missing');
  if (hosts.length > 1) return malformed('there is more than one Host header');
  if (!AUTHORITY.test(host)) return malformed(`'${host.slice(0, 100)}' is not a host`);
  return codings === undefined ? undefined : codingFault(codings, httpVersion);
}

/** Every host, and the transfer codings in one list. */
function routing(rawHeaders: readonly string[]): { hosts: readonly string[]; codings: string | undefined } {
  const hosts: string[] = [];
  let codings: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    // Most names differ in length alone, which costs nothing to see.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(value);
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
      codings = codings === undefined ? value : `${codings},${value}`;
  }
  return { hosts, codings };
}

/** RFC 9112, 6.1: a body's end is known only by chunks, and HTTP/1.0 has none. */
function codingFault(codings: string, httpVersion: string): AppError | undefined {
  if (httpVersion === '1.0') return malformed('HTTP/1.0 has no Transfer-Encoding');
  const [last, ...others] = codings
    .split(',')
    .map(coding => coding.trim().toLowerCase())
    .toReversed();
  if (last !== 'chunked' || others.includes('chunked'))
    return malformed('the Transfer-Encoding does not end in one chunked');
  if (others.length === 0) return undefined;
  return failure('transfer_coding_unknown', { coding: others.toReversed().join(', ').slice(0, 100) });
}

function malformed(problem: string): AppError {
  return failure('http_malformed', { problem });
}
