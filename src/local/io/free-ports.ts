import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { failure, messageOf } from '#base';

/** Ports of one address for servers that must be told theirs. None is lent twice at a time. */
export class FreePorts {
  readonly #host: string;
  readonly #lent = new Set<number>();

  constructor(host: string) {
    this.#host = host;
  }

  /**
   * So many that nobody listens on. Until its borrower does, somebody else may take one: see `areFree`. Throws `listen_failed`.
   */
  async take(count: number): Promise<readonly number[]> {
    const held: Server[] = [];
    try {
      const ports: number[] = [];
      while (ports.length < count) {
        const server = await this.#listen(0);
        held.push(server);
        const port = portOf(server);
        if (!this.#lent.has(port)) ports.push(port);
      }
      for (const port of ports) this.#lent.add(port);
      return ports;
    } catch (error: unknown) {
      throw failure('listen_failed', { address: this.#host, problem: messageOf(error) }, error);
    } finally {
      await Promise.all(held.map(close));
    }
  }

  give(ports: readonly number[]): void {
    for (const port of ports) this.#lent.delete(port);
  }

  /** Whether nobody listens on any of them now. */
  async areFree(ports: readonly number[]): Promise<boolean> {
    const found = await Promise.all(
      ports.map(port =>
        this.#listen(port).then(
          server => close(server).then(() => true),
          () => false,
        ),
      ),
    );
    return found.every(Boolean);
  }

  async #listen(port: number): Promise<Server> {
    const server = createServer().listen({ host: this.#host, port, exclusive: true });
    await once(server, 'listening');
    return server;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  await once(server.close(), 'close');
}
