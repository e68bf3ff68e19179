import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { messageOf } from '#base';
import { CONNECT_MS } from '../upstream-agent.ts';
import { type StreamHost, type UpstreamListener, UpstreamStream } from './upstream-stream.ts';

/** Calls at once on one connection: what gRPC's servers commonly allow. More go on another. */
const MOST_STREAMS = 100;

/**
 * Calls that may be given up on one connection. A server takes who opens many only to reset them for an attacker, and ends
 * the connection with all its calls; so it is left before.
 */
const MOST_RESETS = 400;

/** What a server may have under way in one stream that is not read, and in all of them. Bytes. */
const STREAM_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 4 * 1024 * 1024;

/** What may wait to be sent on one connection; each call's share is bounded before it comes here. Megabytes. */
const MOST_MEMORY = 256;

/**
 * One connection to a server, over `node:http2`. It asks for no signs of life: the probes of the server's health do, and
 * a process that hangs is ended, and this with it.
 */
export class UpstreamSession implements StreamHost {
  readonly #session: ClientHttp2Session;
  #connected = false;
  #problem: string | undefined;
  #streams = 0;
  #resets = 0;
  #leaving = false;

  /** `onClosed` comes once. */
  constructor(authority: string, onClosed: (session: UpstreamSession) => void) {
    this.#session = connect(authority, {
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: MOST_MEMORY,
    });
    const late = setTimeout(() => this.#session.destroy(new Error('connect ETIMEDOUT')), CONNECT_MS);
    this.#session.once('connect', () => {
      clearTimeout(late);
      this.#connected = true;
      this.#session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    this.#session.once('goaway', () => this.#leave());
    this.#session.on('error', (error: Error) => {
      this.#problem ??= messageOf(error);
    });
    this.#session.once('close', () => {
      clearTimeout(late);
      onClosed(this);
    });
  }

  /** Whether another call may be opened. */
  get isOpen(): boolean {
    const { closed, destroyed } = this.#session;
    return !(this.#leaving || closed || destroyed) && this.#streams < MOST_STREAMS;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get problem(): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    return this.#session.destroyed ? 'the connection was closed' : undefined;
  }

  /** Opens a call. Throws what node:http2 finds wrong with the headers. */
  open(headers: OutgoingHttpHeaders, listener: UpstreamListener): UpstreamStream {
    const stream = this.#session.request(headers, { endStream: false });
    this.#streams += 1;
    return new UpstreamStream(stream, this, listener);
  }

  destroy(): void {
    this.#session.destroy();
  }

  over(reset: boolean): void {
    this.#streams -= 1;
    if (reset) this.#resets += 1;
    if (this.#resets >= MOST_RESETS) this.#leave();
  }

  /** Takes no more calls, and closes after the last. */
  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (!this.#session.destroyed) this.#session.close();
  }
}
