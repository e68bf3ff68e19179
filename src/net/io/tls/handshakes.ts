import type { Server as NetServer, Socket } from 'node:net';
import { Server } from 'node:tls';
import type { TlsIdentity } from './tls-identity.ts';

/** Handshakes that may be under way at once: one more ends the oldest. */
const MOST = 1024;

interface Begun {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
}

/**
 * Connections of a port that are not yet secure. Each has so many milliseconds, whatever it sends meanwhile, and clients
 * that only begin keep nobody out.
 */
export class Handshakes {
  /** By peer: the secure socket is another object than the one that was taken. Oldest first. */
  readonly #begun = new Map<string, Begun>();
  readonly #mostMs: number;

  /** Those of a port that speaks TLS by an identity. */
  static of(server: NetServer, tls: TlsIdentity, mostMs: number): Handshakes | undefined {
    if (!(server instanceof Server)) return undefined;
    tls.serve(server);
    return new Handshakes(server, mostMs);
  }

  private constructor(server: Server, mostMs: number) {
    this.#mostMs = mostMs;
    server.prependListener('connection', socket => this.#begin(socket));
    server.prependListener('secureConnection', socket => this.#end(peerOf(socket)));
    server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** Ends all that are under way. */
  destroy(): void {
    for (const { socket } of this.#begun.values()) socket.destroy();
  }

  #begin(socket: Socket): void {
    const peer = peerOf(socket);
    const [oldest] = this.#begun.values();
    if (this.#begun.size >= MOST) oldest?.socket.destroy();
    const timer = setTimeout(() => socket.destroy(), this.#mostMs);
    this.#begun.set(peer, { socket, timer });
    socket.once('close', () => this.#end(peer));
  }

  #end(peer: string): void {
    clearTimeout(this.#begun.get(peer)?.timer);
    this.#begun.delete(peer);
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
