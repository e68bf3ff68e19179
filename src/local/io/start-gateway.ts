import { type Random, systemClock, systemRandom } from '#base';
import type { GatewayPlan } from '#spec';
import { followedArms } from '../followed-arm.ts';
import type { LocalStatus } from '../words.ts';
import { Followed } from './followed.ts';
import type { Pauses } from './health-watch.ts';
import { type Resolve, systemResolve } from './resolve.ts';
import { openService, type Service, type ServiceOptions } from './service.ts';

/** Between two looks at a name, on average. Milliseconds. */
const LOOK_MS = 1000;

/** Between probes of a server: it is on another machine, and other gateways ask it too. Milliseconds. */
const PROBES: Pauses = { firstMs: 250, steadyMs: 1000 };

export interface GatewayOptions extends ServiceOptions {
  readonly resolve?: Resolve;
  readonly lookMs?: number;
  readonly probes?: Pauses;
  readonly random?: Random;
}

/** A gateway before servers that somebody else keeps running. */
export interface FollowingGateway extends Omit<Service<never>, 'apply'> {
  /**
   * Moves the traffic to a newer plan once each revision that is to get more has a server that is ready, for which it waits as
   * long as that takes. Rejects with what is wrong with files of keys or TLS, or with `restart_needed`; then all stays as it was.
   */
  follow(plan: GatewayPlan): Promise<void>;
}

/**
 * Opens a gateway before the servers of a plan. Resolves once its ports are open, and is ready as soon as one revision has a server;
 * rejects with `port_taken`, `listen_failed` or `tls_unusable`, or with what is wrong with files of keys.
 */
export async function startGateway(plan: GatewayPlan, options: GatewayOptions): Promise<FollowingGateway> {
  const { clock = systemClock, random = systemRandom, resolve = systemResolve } = options;
  const { lookMs = LOOK_MS, probes = PROBES } = options;
  const ports = { ...options, clock, random, resolve, lookMs, probes };
  const opened = await openService({
    arms: followedArms(plan),
    service: plan.service,
    options,
    fleet: onChange => new Followed({ ...ports, onChange }),
    isReady: answers,
  });
  return {
    url: opened.url,
    grpc: opened.grpc,
    health: opened.health,
    status: () => opened.status(),
    tell: path => opened.tell(path),
    ready: signal => opened.ready(signal),
    close: withinMs => opened.close(withinMs),
    follow: newer => opened.apply(followedArms(newer)),
  };
}

/** A candidate that is down takes nothing away from the others: its requests go to them. */
function answers({ state, arms }: LocalStatus): boolean {
  return state !== 'stopping' && arms.some(({ weight, healthy }) => weight > 0 && healthy);
}
