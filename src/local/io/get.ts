import { get as httpGet, type IncomingMessage } from 'node:http';
import { GATEWAY_HEADER } from '#net';
import type { Endpoint } from '../endpoint.ts';

export interface Got {
  readonly status: number;
  readonly text: string;
}

/** Where to ask, and how long and how much to wait for. */
export interface Ask {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request: a deadline, or the end of who asks. */
  readonly signal: AbortSignal;
  readonly mostBytes: number;
}

/**
 * A small GET on a connection of its own: a probe over a kept connection would not notice that new ones are refused.
 * Rejects with what node:http says, or with an AbortError.
 */
function get({ mostBytes, ...where }: Ask): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ ...where, agent: false }, answer => {
      collect(answer, mostBytes).then(text => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    request.once('error', reject);
  });
}

/** The same of a server, which is shown that its gateway asks. */
export function getOf(
  { host, port: usual, secret }: Endpoint,
  {
    port = usual,
    ...ask
  }: Pick<Ask, 'path' | 'signal' | 'mostBytes'> & { readonly port?: number | undefined },
): Promise<Got> {
  return get({ host, port, ...ask, headers: secret === undefined ? {} : { [GATEWAY_HEADER]: secret } });
}

/** The status of a GET, as above. What else is answered is read and dropped, until `signal` comes. */
export function getStatus(where: Omit<Ask, 'mostBytes'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ ...where, agent: false }, answer => {
      answer.on('error', () => undefined).resume();
      resolve(answer.statusCode ?? 0);
    });
    request.on('error', reject);
  });
}

async function collect(answer: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
