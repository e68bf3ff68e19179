import type { AddressInfo, Server } from 'node:net';
import { type AppError, failure } from '#base';

/** Connections that the system holds until they are taken: a burst of clients is not turned away. */
const BACKLOG = 4096;

/** Opens a port; 0 for any free one. Throws `port_taken` or `listen_failed`. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  const address = `${bracketed(host)}:${port}`;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, address));
    server.once('error', refuse);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeListener('error', refuse);
      resolve();
    });
  });
}

function listenFailure(error: NodeJS.ErrnoException, address: string): AppError {
  if (error.code === 'EADDRINUSE') return failure('port_taken', { address }, error);
  return failure('listen_failed', { address, problem: error.message }, error);
}

/** Host and port to reach a server by, from this machine. */
export function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const shown = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${bracketed(shown)}:${port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
