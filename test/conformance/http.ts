/** HTTP as bytes: nothing is added to a request but what its framing needs, and an answer is taken as it comes. */
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';

export interface Request {
  /** POST where there is a body, otherwise GET. */
  readonly method?: string;
  /** Sent as it is, escapes and all. */
  readonly path: string;
  /** A list sends the header as often. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No answer takes longer; a server that hangs fails the case. Milliseconds. */
const MOST_WAIT_MS = 30_000;

/** Sends a request on a connection of its own and gives the whole answer, also one that comes before the body is through. */
export function send(base: string, request: Request): Promise<Answer> {
  const { method = request.body === undefined ? 'GET' : 'POST', path, headers = {}, body } = request;
  return exchange(base, { method, path, headers }, outgoing => outgoing.end(body));
}

/** As `send`, but `write` sends the body, chunked unless a header gives its length. */
export function exchange(
  base: string,
  { method = 'POST', path, headers = {} }: Request,
  write: (outgoing: ClientRequest) => void,
): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let answered = false;
    const outgoing = httpRequest(
      {
        host: hostname,
        port,
        method,
        path,
        headers,
        agent: false,
        signal: AbortSignal.timeout(MOST_WAIT_MS),
      },
      incoming => {
        answered = true;
        const { statusCode: status = 0, headers: received } = incoming;
        const whole = buffer(incoming).finally(() => outgoing.destroy());
        whole.then(bytes => resolve({ status, headers: received, body: bytes }), reject);
      },
    );
    // A server that has answered may close on the rest of a body that it does not want.
    outgoing.on('error', error => answered || reject(error));
    write(outgoing);
  });
}

/** Sends bytes as they are, and gives what comes until the server closes. The bytes ask for that, or are a fault. */
export async function sendRaw(base: string, bytes: string | Buffer): Promise<string> {
  const socket = open(base);
  const received = buffer(socket);
  socket.write(bytes);
  const text = (await received).toString('latin1');
  socket.destroy();
  return text;
}

/** A request as it goes over the wire. */
export function wire(method: string, path: string, { body = '', more = '' } = {}): string {
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${length}${more}\r\n${body}`;
}

/** The statuses of the answers that came back on a connection. */
export function statuses(received: string): string[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = '']) => status);
}

/** An open connection, closed with an error after 30 s. */
export function open(base: string): Socket {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const timer = setTimeout(() => socket.destroy(new Error('no end within 30 s')), MOST_WAIT_MS);
  finished(socket).then(
    () => clearTimeout(timer),
    () => clearTimeout(timer),
  );
  return socket;
}
