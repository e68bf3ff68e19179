/** Requests over HTTP/1.1 exactly as written, and their answers as bytes. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** Sends the body without its length, in chunks of so many bytes. */
  readonly chunkBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const ANSWER_WITHIN_MS = 20_000;

/** Sends one request to `host:port`. Throws when there is no whole answer in time. */
export async function exchange(server: string, request: HttpRequest): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const [host, port] = server.split(':');
  const { method, path, body = '', chunkBytes } = request;
  const headers = { ...copied(request.headers), ...framing(request) };
  // A connection for each request: some peers close theirs after a fault without a word.
  const outgoing = httpRequest({ host, port, method, path, headers, agent: false, signal });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  const written = async (): Promise<void> => {
    for (const chunk of chunks(Buffer.from(body), chunkBytes)) {
      outgoing.write(chunk);
      // Lets each chunk leave by itself.
      await setImmediate();
    }
    outgoing.end();
  };
  const [[incoming]] = await Promise.all([answered, written()]);
  const received: Buffer[] = [];
  for await (const chunk of incoming) received.push(chunk as Buffer);
  const { statusCode: status = 0 } = incoming;
  return { status, headers: flat(incoming.headersDistinct), body: Buffer.concat(received) };
}

function framing({ method, body, chunkBytes }: HttpRequest): Record<string, string> {
  if (chunkBytes !== undefined) return { 'Transfer-Encoding': 'chunked' };
  if (body === undefined && method !== 'POST' && method !== 'PUT') return {};
  return { 'Content-Length': String(Buffer.byteLength(body ?? '')) };
}

function copied(headers: HttpRequest['headers'] = {}): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function* chunks(body: Buffer, size = Math.max(body.length, 1)): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

function flat(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values?.join(', ') ?? '']),
  );
}
