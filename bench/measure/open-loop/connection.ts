/** One keep-alive connection that carries one request at a time. */
import { connect, type Socket } from 'node:net';
import { type Response, readResponse } from './response.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What happens to a connection, told to whoever holds it. */
export interface Holder {
  connected(connection: Connection): void;
  /** The request it carried is answered; `connection` is free again unless it closes. */
  answered(connection: Connection, request: number, response: Response): void;
  /** It is gone, with the request it carried, if any. */
  closed(connection: Connection, request: number | undefined): void;
}

const BUFFER = 8 * 1024;

export class Connection {
  readonly #socket: Socket;
  readonly #holder: Holder;
  #request: number | undefined;
  /** What has come of an answer that is not whole yet. */
  #part: Buffer | undefined;
  ready = false;
  /** When it became free, in the holder's milliseconds. */
  freeSince = 0;

  constructor({ host, port }: Address, holder: Holder) {
    const buffer = Buffer.allocUnsafe(BUFFER);
    const callback = (length: number): boolean => {
      this.#read(buffer.subarray(0, length));
      return true;
    };
    this.#holder = holder;
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer, callback } });
    this.#socket.once('connect', () => this.#opened());
    this.#socket.once('close', () => this.#closed());
    // 'close' follows and says all that counts.
    this.#socket.on('error', () => undefined);
  }

  send(request: number, bytes: Buffer): void {
    this.#request = request;
    this.#socket.write(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #opened(): void {
    this.ready = true;
    this.#holder.connected(this);
  }

  #closed(): void {
    const request = this.#request;
    this.#request = undefined;
    this.#holder.closed(this, request);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#part === undefined ? chunk : Buffer.concat([this.#part, chunk]);
    const response = this.#responseIn(bytes);
    // The buffer is read into again, so what stays is a copy.
    if (response === undefined) this.#part = this.#part === undefined ? Buffer.from(bytes) : bytes;
    else this.#answered(response);
  }

  #responseIn(bytes: Buffer): Response | undefined {
    try {
      return readResponse(bytes);
    } catch {
      this.#socket.destroy();
      return undefined;
    }
  }

  #answered(response: Response): void {
    const request = this.#request;
    this.#part = undefined;
    this.#request = undefined;
    // An answer that nobody asked for is a fault of the server's, and the next one would be taken for another's.
    if (!response.keepAlive || request === undefined) this.#socket.destroy();
    if (request !== undefined) this.#holder.answered(this, request, response);
  }

  get reusable(): boolean {
    return this.ready && !this.#socket.destroyed;
  }
}
