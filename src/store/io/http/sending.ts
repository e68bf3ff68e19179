import type { ClientRequest } from 'node:http';
import { failure } from '#base';
import type { Content } from './ask.ts';
import type { Patience } from './patience.ts';

/** What goes on of a request while it is sent. */
export interface Sending {
  readonly uri: string;
  /** Runs while the server is waited for, and not while what is sent is read. */
  readonly patience: Patience;
  /** Aborted once there is an answer, or none can come. */
  readonly over: AbortSignal;
  /** Told of bytes as the connection has taken them. */
  readonly onSent: (bytes: number) => void;
}

/**
 * Sends what goes with a request, until it has an answer. Throws what reading it throws, and `internal` where it is not as long as
 * it was told; what is wrong with the connection, the request itself tells.
 */
export async function send(request: ClientRequest, content: Content, sending: Sending): Promise<void> {
  const { uri, patience, over, onSent } = sending;
  let left = content.size;
  patience.stop();
  for await (const chunk of content.open(over)) {
    left -= chunk.length;
    if (over.aborted) return;
    if (left < 0) break;
    patience.start();
    if (!(await isTaken(request, chunk)) || over.aborted) return;
    patience.stop();
    onSent(chunk.length);
  }
  if (over.aborted) return;
  if (left !== 0)
    throw failure('internal', {
      problem: `${uri}: what is sent has not the ${content.size} bytes it should`,
    });
  patience.start(onTheWay(content.size));
  request.end();
}

/** What the connection has taken the server may not have yet: this machine keeps some of it. Bytes, and bytes in a second. */
const MOST_ON_THE_WAY = 4 * 2 ** 20;
const SLOWEST = 2 ** 16;

/** Milliseconds in which what is on the way arrives, over a line as slow as one can be. */
function onTheWay(size: number): number {
  return (Math.min(size, MOST_ON_THE_WAY) / SLOWEST) * 1000;
}

/**
 * Whether the connection has taken some bytes, and the server has been heard after it: one that refuses them answers, and then
 * ends the connection, of which a write tells before the answer is read.
 */
function isTaken(request: ClientRequest, chunk: Uint8Array): Promise<boolean> {
  return new Promise(resolve => {
    request.write(chunk, error => {
      if (error) resolve(false);
      else setImmediate(() => resolve(true));
    });
  });
}
