/** The least of HTTP/1.1 that tells where an answer ends: a client library would cost more than the request does. */

export interface Response {
  readonly status: number;
  /** Whether the connection carries another request. */
  readonly keepAlive: boolean;
  readonly body: Buffer;
}

/** An answer of more is no answer of a bench. */
const MOST_BYTES = 64 * 1024 * 1024;
const CRLF = '\r\n';

/**
 * The one response that `bytes` hold, or undefined while more must come (RFC 9112 §6.3: by Content-Length or chunks).
 * Throws an Error when they are no such response, or more than one.
 */
export function readResponse(bytes: Buffer): Response | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (bytes.length > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const [, minor, status] = /^HTTP\/1\.([01]) ([2-5]\d\d)(?: |\r|$)/.exec(head) ?? [];
  if (status === undefined) throw new Error(`no HTTP response: ${head.slice(0, 80)}`);
  const body = bodyOf(bytes, headEnd + 4, head, Number(status));
  if (body === undefined) return undefined;
  return { status: Number(status), keepAlive: minor === '1' && !/\r\nconnection: *close/i.test(head), body };
}

function bodyOf(bytes: Buffer, start: number, head: string, status: number): Buffer | undefined {
  const length = status === 204 ? '0' : /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return exactly(bytes, start, start + Number(length));
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedBody(bytes, start);
  throw new Error('a response that does not tell its length');
}

function exactly(bytes: Buffer, start: number, end: number): Buffer | undefined {
  if (bytes.length > end) throw new Error('more bytes than one response');
  return bytes.length < end ? undefined : bytes.subarray(start, end);
}

function chunkedBody(bytes: Buffer, start: number): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf(CRLF, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(size >= 0)) throw new Error('a chunk without a size');
    const next = lineEnd + 2 + size + 2;
    // Trailers are not read: no server of a bench sends any.
    if (size === 0) return exactly(bytes, start, next) && Buffer.concat(parts);
    if (bytes.length < next) return undefined;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
