/** How a server drains that has balancers before it, and clients that keep their connections. */
import { milliseconds } from './launch-terms.ts';
import type { ServerOptions } from './schema.ts';

type Drain = ServerOptions['drain'];

/** For clients to send once more on each connection that they keep, and be told to open another one. Milliseconds. */
const LEAST_MS = 5000;

/**
 * At least so long, though the file says less: a connection that is idle when it is closed may have a request on its way, and every pod
 * is reached by connections that are kept. Never more than half of the grace.
 */
export function podDrain({ delay, grace }: Drain): Drain {
  const least = Math.min(LEAST_MS, Math.floor(milliseconds(grace) / 2));
  return { delay: milliseconds(delay) >= least ? delay : `${least}ms`, grace };
}
