import type { Clock, Logger, Tracer } from '#base';
import type { Guard } from '#net';
import type { Endpoint } from '../endpoint.ts';
import type { Pool } from '../pool.ts';
import type { ReplayBudget } from '../replay-budget.ts';
import type { Tally } from '../tally.ts';
import type { GatewayLimits } from './limits.ts';

/** Servers that may be tried for one request while they take no connection: they may be back sooner than they are found out. */
export const MOST_TRIES = 8;

/** What all requests and calls go through. */
export interface Passage {
  readonly service: string;
  readonly pool: Pool;
  readonly tally: Tally;
  readonly budget: ReplayBudget;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who may come in; undefined where nobody is asked. */
  readonly guard: () => Guard | undefined;
  /** Whether what clients show of credentials is kept from a server. */
  readonly withholds: (endpoint: Endpoint) => boolean;
  readonly tracer: Tracer;
  /** Whether the servers are others than fairlead's: which of their paths predict, nobody knows. */
  readonly isForeign: () => boolean;
  /** A request to a server failed: it took no connection, or something else was odd. */
  readonly suspect: (endpoint: Endpoint, unconnected: boolean) => void;
}
