import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppError, failure } from '#base';

/** Opens a port; rejects with `port_taken` or `listen_failed`. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  const address = `${bracketed(host)}:${port}`;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(wording(error, address));
    server.once('error', refuse);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.removeListener('error', refuse);
      resolve();
    });
  });
}

/** The address a person can use: every interface is shown as this machine's own. */
export function urlOf(server: Server, host: string): string {
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
