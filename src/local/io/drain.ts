import type { Countdown, DrainTimes } from '#base';
import type { Entrance } from '#net';
import type { Tracing } from '#telemetry';
import type { Fleet, FleetArm } from '../fleet.ts';
import type { Gateway } from './gateway.ts';
import type { RpcGateway } from './rpc/gateway.ts';

/** What ends with a service, each in its turn. */
export interface Ending {
  readonly entrance: Entrance;
  readonly gateway: Gateway;
  readonly rpc: RpcGateway | undefined;
  readonly fleet: Pick<Fleet<FleetArm>, 'close' | 'kill'>;
  readonly tracing: Tracing | undefined;
}

/** Kept for the servers to end, once nobody can ask them any more. Milliseconds. */
const SERVERS_MS = 2000;

/** For spans that wait. Milliseconds. */
const MOST_FLUSH_MS = 3000;

/**
 * Lets a service that is no longer ready come to its end: still accepting for a while, then not, then what is in flight is
 * finished, then its servers end. When the countdown is over, so are they.
 */
export async function drain(
  { entrance, gateway, rpc, fleet, tracing }: Ending,
  countdown: Countdown,
  times: DrainTimes,
): Promise<void> {
  void countdown.passes(wholeMs => Math.min(SERVERS_MS, wholeMs / 5)).then(() => entrance.cut());
  void countdown.passes().then(() => fleet.kill());
  entrance.leave();
  await countdown.delay(times);
  await Promise.all([gateway.close(countdown.left), rpc?.close(countdown.left)]);
  const flushMs = Math.min(MOST_FLUSH_MS, countdown.left);
  await Promise.all([fleet.close(), tracing?.close(flushMs)]);
  await entrance.close(0);
  countdown.end();
}
