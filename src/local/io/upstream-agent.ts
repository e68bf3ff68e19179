import { Agent, type ClientRequestArgs } from 'node:http';
import { type NetConnectOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/* oxlint-disable no-underscore-dangle -- node:stream gives these names to who implements a stream. */
type Written = (error?: Error | null) => void;

/**
 * A connection that hears its peer out. A server may answer before it has read a whole body (413, 415) and close; the next
 * write then fails, and node:http would throw away the connection with the answer still unread in it. Here such a write
 * goes nowhere, and reading tells how it went: an answer, or an end without one, which is a failure like any other.
 */
class PatientSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
    super._write(chunk, encoding, unlessClosed(written));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], written: Written): void {
    super._writev?.(chunks, unlessClosed(written));
  }
}

function unlessClosed(written: Written): Written {
  return error => written(isClosed(error) ? null : error);
}

function isClosed(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.code === 'EPIPE' || error?.code === 'ECONNRESET';
}

/**
 * For a connection to come about: enough for two packets that were lost on the way, and less than anybody waits. Where a machine is
 * gone nothing refuses it. Milliseconds.
 */
export const CONNECT_MS = 4000;

/** Kept connections to servers. */
export class UpstreamAgent extends Agent {
  readonly #connectMs: number;

  constructor(connectMs = CONNECT_MS) {
    super({ keepAlive: true, maxFreeSockets: 1024 });
    this.#connectMs = connectMs;
  }

  override createConnection(options: ClientRequestArgs): Duplex {
    const { noDelay = true } = options as { noDelay?: boolean };
    const socket = new PatientSocket().setNoDelay(noDelay).connect(options as NetConnectOpts);
    const late = setTimeout(() => socket.destroy(notConnected()), this.#connectMs);
    const settled = (): void => clearTimeout(late);
    return socket.once('connect', settled).once('close', settled);
  }
}

/** As the system would word it, some minutes later. */
function notConnected(): NodeJS.ErrnoException {
  return Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
}
