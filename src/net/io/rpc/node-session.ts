import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import {
  CONNECTION_WINDOW,
  HEADER_LIST_BYTES,
  type ResetCode,
  type RpcSession,
  type SessionListener,
  STREAM_WINDOW,
} from '../../rpc/transport.ts';
import { NodeStream } from './node-stream.ts';

/** Resets that nghttp2 takes at once, and each second. */
const MOST_RESETS = 50_000;

/** A connection over `node:http2`. It takes over a socket on which the client's first bytes were put back. */
export class NodeSession implements RpcSession {
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #listener: SessionListener;

  /** At most so many streams are open at once. */
  constructor(socket: Socket, streams: number, listener: SessionListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#session = performServerHandshake(socket, {
      // Clients whose deadlines pass reset as many calls as they make; those that are opened only to be reset are counted
      // as chatter. (Where Node does not know these options, nghttp2 allows 1,000 at once and 33 a second.)
      streamResetBurst: MOST_RESETS,
      streamResetRate: MOST_RESETS,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW,
        maxConcurrentStreams: streams,
        maxHeaderListSize: HEADER_LIST_BYTES,
      },
    });
    this.#listen();
    this.#session.setLocalWindowSize(CONNECTION_WINDOW);
  }

  get received(): number {
    return this.#socket.bytesRead;
  }

  /** A warning first, with the last stream later, is not to be had: nghttp2 reads no further once it has sent one. */
  leave(): void {
    this.#session.close();
  }

  ping(): void {
    if (!this.#session.destroyed) this.#session.ping(() => undefined);
  }

  destroy(code: ResetCode): void {
    this.#session.destroy(new Error(`closed with code ${code}`), code);
  }

  #listen(): void {
    const session = this.#session;
    const chatter = (): void => this.#listener.chatter();
    session.on('ping', chatter);
    session.on('priority', chatter);
    session.on('remoteSettings', chatter);
    session.once('remoteSettings', () => this.#listener.greeted());
    session.on('stream', (stream, headers) => {
      stream.on('error', ignore);
      // Reset in the same read as it was opened: nobody else learns of it.
      if (stream.closed) return chatter();
      const ours = new NodeStream(stream, headers);
      ours.listen(this.#listener.stream(ours));
    });
    // Node leaves it to the client to close the connection then, and some never do.
    const ending = (): void => this.#listener.ending();
    session.on('goaway', ending);
    session.on('close', ending);
    session.on('error', ending);
  }
}

/** What a session or a stream fails of is told by its `close`. */
function ignore(): void {
  // Without a listener, an error would end the process.
}
