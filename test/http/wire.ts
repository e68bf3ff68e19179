/** HTTP by bare sockets, for tests that no HTTP client would let happen. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Everything before the body. */
  readonly head: string;
  /** Bytes as Latin-1. */
  readonly body: string;
}

/** So long may an answer or an end be in coming: a hang fails its test, and no other. Milliseconds. */
const PATIENCE_MS = 20_000;

/** One connection to a server. */
export class Wire {
  readonly #socket: Socket;
  #text = '';
  #ended = false;
  #wake = (): void => undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    this.#socket.on('data', chunk => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    // The server is done when it says so, or when it cuts: a test that expects an answer fails for want of one.
    this.#socket.on('error', () => this.#end());
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#end());
  }

  /** Sends bytes, a string as Latin-1. */
  send(bytes: string | Uint8Array): this {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Sends all of it before it reads anything, as simple clients do. Throws when the server does not take it. */
  async sendAll(bytes: string | Uint8Array): Promise<void> {
    this.#socket.pause();
    const sent = Promise.withResolvers<void>();
    this.#socket.write(bytes, error => (error ? sent.reject(error) : sent.resolve()));
    await sent.promise;
    this.#socket.resume();
  }

  /** Takes nothing of what comes back. */
  stopReading(): this {
    this.#socket.pause();
    return this;
  }

  /** Says that nothing more will be sent. */
  half(): this {
    this.#socket.end();
    return this;
  }

  /** Leaves at once. */
  leave(): void {
    this.#socket.destroy();
  }

  /** The next whole answer, without its body for HEAD. */
  async answer(method = 'GET'): Promise<Answer> {
    let answer = this.#take(method);
    while (answer === undefined) {
      assert(!this.#ended, `the connection ended instead of an answer, after: ${JSON.stringify(this.#text)}`);
      await this.#more();
      answer = this.#take(method);
    }
    return answer;
  }

  /** Waits until the server has ended the connection; gives what came that was not taken as an answer. */
  async end(): Promise<string> {
    while (!this.#ended) await this.#more();
    this.#socket.destroy();
    return this.#text;
  }

  #take(method: string): Answer | undefined {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = this.#text.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    assert(status >= 100, `no answer of HTTP/1.1: ${JSON.stringify(head)}`);
    const length = method === 'HEAD' ? 0 : Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (this.#text.length < end + 4 + length) return undefined;
    const body = this.#text.slice(end + 4, end + 4 + length);
    this.#text = this.#text.slice(end + 4 + length);
    return { status, head, body };
  }

  #more(): Promise<void> {
    const more = Promise.withResolvers<void>();
    const timer = setTimeout(() => more.reject(new Error('nothing came for 20 s')), PATIENCE_MS);
    this.#wake = () => {
      clearTimeout(timer);
      more.resolve();
    };
    return more.promise;
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}

/** Whether an answer says that its connection ends with it. */
export function closes({ head }: Answer): boolean {
  return /^connection: close$/im.test(head);
}
