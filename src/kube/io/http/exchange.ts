/** One request to an API server and its answer, with a bound on both in time and on the answer in size. */
import http from 'node:http';
import https from 'node:https';
import type { Way } from '../access/access.ts';

export interface Asking {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  /** From the root of the server, with its query. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Characters and more bytes than any page of a list has: one object has at most 3 MiB. */
const MOST_BYTES = 64 * 2 ** 20;

/** Sends it, and gives the answer as soon as it begins. Rejects where there is none. */
export function begin(
  server: URL,
  way: Way,
  asking: Asking,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { method, path, accept = 'application/json', contentType, body } = asking;
  const headers = {
    ...(way.headers as http.OutgoingHttpHeaders | undefined),
    accept,
    'user-agent': 'fairlead',
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
  };
  const url = new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...way, method, headers, signal }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The whole answer. Rejects where it breaks off, is too large, or takes longer than the signal lets it. */
export async function whole(message: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
  }
  if (!message.complete) throw new Error('its answer broke off');
  const { statusCode = 0, headers } = message;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString('utf8') };
}
