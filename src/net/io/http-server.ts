import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import { MOST_HEADER_BYTES, MOST_HEADERS } from '../http-head.ts';
import type { DoorLimits } from './http-connection.ts';
import { HttpRequest } from './http-request.ts';
import { HttpResponse } from './http-response.ts';
import type { TlsIdentity } from './tls/tls-identity.ts';

export type HttpServer =
  | Server<typeof HttpRequest, typeof HttpResponse>
  | HttpsServer<typeof HttpRequest, typeof HttpResponse>;

/** Node's own server, not yet listening, with as many bounds as it can keep itself. */
export function serverOf(limits: DoorLimits, tls: TlsIdentity | undefined): HttpServer {
  const options = {
    IncomingMessage: HttpRequest,
    ServerResponse: HttpResponse,
    headersTimeout: Math.min(limits.headersMs, limits.requestMs),
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs, limits.requestMs),
    keepAliveTimeout: limits.idleMs,
    noDelay: true,
    maxHeaderSize: MOST_HEADER_BYTES,
    // Said here, so that no option of the process can turn it on.
    insecureHTTPParser: false,
    // Answered here, with a sentence.
    requireHostHeader: false,
  };
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tls.options });
  server.maxHeadersCount = MOST_HEADERS;
  server.setTimeout(limits.silentMs);
  return server;
}
