/** Passes connections on to a server and counts what it sends: bytes that left the server, whoever got them. */
import { connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** Bytes of the server since the start, or since `forget`. */
  sent(): number;
  forget(): void;
  /** Breaks every connection, and makes no new one until it is passable again. */
  block(): void;
  unblock(): void;
  close(): Promise<void>;
}

export async function countingProxy(server: URL, host = '127.0.0.1'): Promise<CountingProxy> {
  const open = new Set<Socket>();
  let sent = 0;
  let blocked = false;
  const pass = (client: Socket): void => {
    const upstream = connect(Number(server.port), server.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on('data', chunk => (sent += chunk.length));
    client.pipe(upstream);
    upstream.pipe(client);
  };
  const listener = createServer(client => {
    if (blocked) client.destroy();
    else pass(client);
  }).listen(0, host);
  await new Promise(resolve => listener.once('listening', resolve));
  const drop = (): void => {
    for (const socket of open) socket.destroy();
  };
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens nowhere');
  return {
    port: address.port,
    sent: () => sent,
    forget: () => void (sent = 0),
    block: () => {
      blocked = true;
      drop();
    },
    unblock: () => void (blocked = false),
    close: async () => {
      drop();
      await new Promise(resolve => listener.close(resolve));
    },
  };
}
