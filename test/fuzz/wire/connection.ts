import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Step } from './script.ts';

/** What the server's own limits allow for any exchange, and as much again for a slow machine. Milliseconds. */
export const PATIENCE_MS = 15_000;

/** A client's end of one connection, that does what a script says. */
export class Connection {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #isOver = false;
  #onData = (): void => undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    this.#socket.on('data', chunk => {
      this.#chunks.push(chunk);
      this.#onData();
    });
    for (const event of ['end', 'close']) this.#socket.once(event, () => this.#over());
    this.#socket.on('error', () => this.#over());
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Sends what the server still takes. */
  async send(bytes: Buffer): Promise<void> {
    if (this.#isOver || bytes.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(bytes, () => resolve());
    await Promise.race([promise, this.#ended.promise]);
  }

  /** Does the steps but for the last, which is for who calls. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step[0] === 'send') await this.send(step[1]);
      if (step[0] === 'pause') await setTimeout(step[1]);
    }
  }

  half(): void {
    this.#socket.end();
  }

  leave(): void {
    this.#socket.destroy();
  }

  /** Waits until the server ends, or until what came is enough. False when it is neither in time. */
  async until(isEnough: (received: Buffer) => boolean = () => false, ms = PATIENCE_MS): Promise<boolean> {
    const enough = Promise.withResolvers<void>();
    this.#onData = () => isEnough(this.received) && enough.resolve();
    this.#onData();
    const timer = new AbortController();
    const late = setTimeout(ms, true, { signal: timer.signal }).catch(() => false);
    const isLate = await Promise.race([this.#ended.promise, enough.promise, late]);
    timer.abort();
    return isLate !== true;
  }

  #over(): void {
    this.#isOver = true;
    this.#ended.resolve();
  }
}
