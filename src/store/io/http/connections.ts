import { Connection } from './connection.ts';

/** Connections to servers, so many to each, used again. */
export class Connections {
  readonly #most: number;
  readonly #pools = new Map<string, Pool>();

  constructor(most: number) {
    this.#most = most;
  }

  /** One that is free, once there is one; `isFresh`, a new one. Throws the signal's reason. */
  take(url: URL, isFresh: boolean, signal: AbortSignal): Promise<Connection> {
    const pool = this.#pools.get(url.origin) ?? new Pool(url, this.#most);
    this.#pools.set(url.origin, pool);
    // Others that wait may have ended too.
    if (isFresh) pool.forget();
    return pool.take(signal);
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }
}

class Pool {
  readonly #url: URL;
  readonly #most: number;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(url: URL, most: number) {
    this.#url = url;
    this.#most = most;
  }

  async take(signal: AbortSignal): Promise<Connection> {
    for (;;) {
      // It may have been its turn.
      if (signal.aborted) this.#waiting.shift()?.();
      signal.throwIfAborted();
      if (this.#isClosed) throw new Error('its connections are closed');
      const free = this.#free.pop();
      if (free !== undefined) return free;
      if (this.#all.size < this.#most) return this.#open();
      await this.#turn(signal);
    }
  }

  forget(): void {
    for (const connection of this.#free.splice(0)) this.#drop(connection);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) connection.destroy();
  }

  #open(): Connection {
    const connection = new Connection(this.#url);
    this.#all.add(connection);
    connection.on('free', () => {
      this.#free.push(connection);
      this.#waiting.shift()?.();
    });
    connection.once('close', () => this.#drop(connection));
    return connection;
  }

  #drop(connection: Connection): void {
    connection.destroy();
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    this.#waiting.shift()?.();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        const at = this.#waiting.indexOf(wake);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      };
      this.#waiting.push(wake);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
