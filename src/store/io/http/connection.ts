/**
 * Connections whose bytes are read into memory that is used again. `node:http` takes memory for every 64 KiB that come, and
 * copies them there: of a large download, that is most of the work. It still writes each request and reads the head of each
 * answer, over a line of its own; only the bytes behind a head that says how many there are do not go through it. Not for TLS: it comes in pieces of
 * 16 KiB, and one that is paused waits for bytes from the server before it hands on those that it has.
 */
import { EventEmitter } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import net from 'node:net';
import { Duplex } from 'node:stream';
import type { Incoming } from './body.ts';

/** As much as is read at once: more saves no time, and every connection has its own. */
const BYTES = 2 ** 19;
/** Fewer are not worth it. */
const LEAST = 2 ** 16;
const END_OF_HEAD = '\r\n\r\n';

export class Connection extends EventEmitter<{ free: []; close: [] }> {
  readonly #socket: net.Socket;
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES);
  #line: Line | undefined;
  #bytes: Counted | undefined;
  /** While just the head of an answer is handed to `node:http`. */
  #isAtHead = false;
  /** It has had an answer before: a server may end it just when it is used again. */
  isReused = false;

  constructor({ hostname, port }: URL) {
    super();
    const host = hostname.replace(/^\[|\]$/g, '');
    const onread = { buffer: () => this.#buffer, callback: (count: number) => this.#take(count) };
    this.#socket = net.connect({ host, port: Number(port) || 80, onread } as net.NetConnectOpts);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', error => this.#end(error));
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => {
      this.#end();
      this.emit('close');
    });
  }

  /** What a request is sent over, and nothing but that request. */
  line(): Duplex {
    this.#socket.ref();
    const line = new Line(this.#socket);
    line.once('free', () => this.#free());
    line.once('close', () => this.#line === line && this.destroy());
    this.#line = line;
    this.#socket.resume();
    return line;
  }

  /**
   * The bytes of an answer whose head has just been read, past `node:http`; undefined where they must go through it, which knows
   * what to do with all that is unusual.
   */
  divert(request: ClientRequest, response: IncomingMessage): Incoming | undefined {
    const line = this.#line;
    const { 'content-length': length = '', 'transfer-encoding': coding } = response.headers;
    const isPlain = request.method === 'GET' && [200, 206].includes(response.statusCode ?? 0);
    if (!this.#isAtHead || !isPlain || coding !== undefined || !(Number(length) >= LEAST)) return undefined;
    this.#bytes = new Counted(this.#socket, Number(length), request.shouldKeepAlive);
    this.#bytes.once('free', () => this.#free());
    this.#line = undefined;
    // It has had its answer, and would take it for one that broke off.
    request.on('error', () => {});
    response.on('error', () => {});
    setImmediate(() => line?.destroy());
    return this.#bytes;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #free(): void {
    [this.#line, this.#bytes] = [undefined, undefined];
    this.isReused = true;
    this.#socket.unref();
    // One that waits is read too: so it is heard when the server ends it.
    this.#socket.resume();
    this.emit('free');
  }

  #end(error?: Error): void {
    this.#line?.finish(error);
    this.#bytes?.finish(error);
    this.#socket.destroy();
  }

  /** Whether to read on. */
  #take(count: number): boolean {
    const bytes = this.#buffer.subarray(0, count);
    if (this.#bytes !== undefined) return this.#bytes.take(bytes);
    if (this.#line !== undefined) return this.#answer(this.#line, Buffer.from(bytes));
    // Nobody has asked for anything.
    this.destroy();
    return false;
  }

  /** A head that is not all in one piece goes on the long way, with what follows. */
  #answer(line: Line, bytes: Buffer): boolean {
    const end = line.hasBegun ? -1 : bytes.indexOf(END_OF_HEAD);
    if (end < 0) return line.arrive(bytes);
    const body = end + END_OF_HEAD.length;
    this.#isAtHead = true;
    const goesOn = line.arrive(bytes.subarray(0, body));
    this.#isAtHead = false;
    if (body === bytes.length) return goesOn;
    return this.#bytes === undefined
      ? line.arrive(bytes.subarray(body))
      : this.#bytes.take(bytes.subarray(body));
  }
}

/** What `node:http` takes for a socket. */
class Line extends Duplex {
  readonly #socket: net.Socket;
  hasBegun = false;

  constructor(socket: net.Socket) {
    super();
    this.#socket = socket;
  }

  arrive(bytes: Buffer): boolean {
    this.hasBegun = true;
    return this.push(bytes);
  }

  finish(error?: Error): void {
    if (error === undefined) this.push(null);
    else this.destroy(error);
  }

  /** Called by `node:http` after an answer that is the last one; without it, it would wait for the server to end. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }
}

/** So many bytes. Each piece is lent: it waits until it is asked for, and its memory is that of the next one. */
class Counted extends EventEmitter implements Incoming {
  readonly #socket: net.Socket;
  readonly #isKept: boolean;
  #left: number;
  #waiting: Uint8Array | undefined;
  #isAsked = false;
  #hasClosed = false;
  complete = false;
  readonly isLent = true;

  constructor(socket: net.Socket, length: number, isKept: boolean) {
    super();
    this.#socket = socket;
    this.#left = length;
    this.#isKept = isKept;
  }

  take(bytes: Uint8Array): boolean {
    this.#waiting = bytes;
    if (this.#isAsked) this.#give(bytes);
    return this.complete;
  }

  resume(): void {
    if (this.complete) return;
    this.#isAsked = true;
    if (this.#waiting === undefined) this.#socket.resume();
    else this.#give(this.#waiting);
  }

  pause(): void {}

  destroy(): void {
    this.#waiting = undefined;
    if (!this.complete) this.#socket.destroy();
  }

  /** The connection is gone. */
  finish(error?: Error): void {
    if (this.#hasClosed || this.#waiting !== undefined) return;
    this.#hasClosed = true;
    if (error !== undefined) this.emit('error', error);
    this.emit('close');
  }

  #give(bytes: Uint8Array): void {
    const wanted = bytes.subarray(0, this.#left);
    this.#left -= wanted.length;
    this.#waiting = undefined;
    this.#isAsked = false;
    this.emit('data', wanted);
    if (this.#left === 0) this.#complete(bytes.length === wanted.length);
    else if (this.#socket.destroyed) this.finish();
  }

  /** More than was told is nobody's. */
  #complete(isExact: boolean): void {
    this.complete = true;
    this.emit('end');
    this.finish();
    if (this.#isKept && isExact) this.emit('free');
    else this.#socket.destroy();
  }
}
