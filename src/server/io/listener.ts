import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AppError, asAppError, failure } from '#base';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for a request to arrive whole. */
  readonly requestTimeMs: number;
}

/** Bytes of a request's header section. */
const MOST_HEADERS = 16_384;

/** Connections that may be open at once; more are closed as they come. */
const MOST_CONNECTIONS = 8192;

/**
 * Longer than the idle time of any common load balancer (Google's is 600 s), or the balancer would reuse a connection
 * that is just being closed, and fail the request.
 */
const KEEP_ALIVE_MS = 620_000;

/** An HTTP server with limits on everything a client can hold on to. Throws `port_taken` or `listen_failed`. */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options: ListenOptions,
): Promise<Server> {
  const { host, port, requestTimeMs } = options;
  const server = createServer({
    headersTimeout: Math.min(10_000, requestTimeMs),
    requestTimeout: requestTimeMs,
    connectionsCheckingInterval: Math.min(1000, requestTimeMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MOST_HEADERS,
    noDelay: true,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', handle);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuse(error, socket as Socket, requestTimeMs),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(listenFailure(error, `${host}:${port}`)));
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
  return server;
}

/** The base URL a server listens on. */
export function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function listenFailure(error: NodeJS.ErrnoException, address: string): AppError {
  if (error.code === 'EADDRINUSE') return failure('port_taken', { address }, error);
  return failure('listen_failed', { address, problem: error.message }, error);
}

/** Answers what is no HTTP request, or did not arrive in time, on the bare socket. */
function refuse(error: NodeJS.ErrnoException, socket: Socket, requestTimeMs: number): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const { status, message } = clientFailure(error, requestTimeMs);
  const body = JSON.stringify({ error: message });
  const head = `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}\r\nContent-Type: application/json`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function clientFailure(error: NodeJS.ErrnoException, requestTimeMs: number): AppError {
  if (error.code === 'HPE_HEADER_OVERFLOW') return failure('headers_too_large', { limit: MOST_HEADERS });
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return failure('body_too_slow', { seconds: requestTimeMs / 1000 });
  const reason = (error as { reason?: unknown }).reason;
  return failure('http_malformed', {
    problem: typeof reason === 'string' ? reason : asAppError(error).message,
  });
}
