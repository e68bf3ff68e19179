import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { ResetCode, RpcSession, SessionLimits, SessionListener } from '../../rpc/transport.ts';
import { NodeStream } from './node-stream.ts';

/** The last stream of a warning: none is refused yet (RFC 9113, section 6.8). */
const NONE_REFUSED = 2 ** 31 - 1;

/** A connection over `node:http2`. It takes over a socket on which the client's first bytes were put back. */
export class NodeSession implements RpcSession {
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #listener: SessionListener;

  constructor(socket: Socket, limits: SessionLimits, listener: SessionListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#session = performServerHandshake(socket, {
      settings: {
        enablePush: false,
        initialWindowSize: limits.streamWindow,
        maxConcurrentStreams: limits.streams,
        maxHeaderListSize: limits.headerListBytes,
      },
    });
    this.#listen();
    this.#session.setLocalWindowSize(limits.connectionWindow);
  }

  get received(): number {
    return this.#socket.bytesRead;
  }

  warn(): void {
    if (!this.#session.destroyed) this.#session.goaway(constants.NGHTTP2_NO_ERROR, NONE_REFUSED);
  }

  close(): void {
    this.#session.close();
  }

  ping(): void {
    if (!this.#session.destroyed) this.#session.ping(error => error ?? this.#listener.alive());
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
      // Reset in the same read as it was opened: nobody else learns of it.
      if (stream.closed) return chatter();
      const ours = new NodeStream(stream, headers);
      ours.listen(this.#listener.stream(ours));
    });
    // Its `close` tells all there is to know.
    session.on('error', () => undefined);
  }
}
