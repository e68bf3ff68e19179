import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppError, failure } from '#base';
import type { GatewayLimits } from './limits.ts';

/** An open port and the address a person can use. */
export interface Door {
  readonly server: Server;
  readonly url: string;
}

/** Connections that the system may hold until they are taken: a burst of clients is not turned away. */
const BACKLOG = 4096;

/** Opens a port; rejects with `port_taken` or `listen_failed`. */
export async function openDoor(at: { host: string; port: number }, limits: GatewayLimits): Promise<Door> {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    noDelay: true,
    // Answered by the gateway, with a sentence.
    requireHostHeader: false,
  });
  await listen(server, at);
  return { server, url: urlOf(server, at.host) };
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  const address = `${bracketed(host)}:${port}`;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(wording(error, address));
    server.once('error', refuse);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeListener('error', refuse);
      resolve();
    });
  });
}

/** Every interface is shown as this machine's own. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const shown = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${bracketed(shown)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function wording(error: NodeJS.ErrnoException, address: string): AppError {
  if (error.code === 'EADDRINUSE') return failure('port_taken', { address }, error);
  return failure('listen_failed', { address, problem: error.message }, error);
}
