/**
 * How a pod ends. Balancers are told that it goes at the moment when its end begins, and take notice later; so it first does nothing
 * (`preStop`), still serving, and only then is its server told to stop, which has `server.drain.grace` to exit.
 *
 *   |--- preStop ---|--------- drain.grace ---------|- spare -|
 *   deleted         SIGTERM: drain.delay is in it   exit      killed, at terminationGracePeriodSeconds
 *
 * A server of fairlead that still accepts for `drain.delay` has waited for balancers itself: `preStop` is only what is left of their
 * time.
 */
import { foreignKind, milliseconds, type ServerOptions } from '#spec';
import type { PodArm } from '../release.ts';
import type { Tier } from '../workload/tiers.ts';
import { budgetOf } from './notice.ts';

/** Seconds that balancers have to take notice, usually, and where there is hardly any time. */
const TO_LEAVE = { usual: 10, short: 5 } as const;
/** Seconds between the last moment at which a server exits and its being killed. */
const SPARE = { usual: 5, short: 2 } as const;

export interface Ending {
  /** Seconds; 0 for none. */
  readonly preStop: number;
  /** `terminationGracePeriodSeconds`. */
  readonly whole: number;
}

/** Where the grace does not fit into the budget, the most seconds that would; not more than 0 where none fits. */
export type Overlong = { readonly budget: number; readonly fits: number };

export function endingOf(arm: PodArm, tier: Tier): Ending | Overlong {
  const grace = Math.ceil(arm.launch.graceMs / 1000);
  const usual = usualEnding(waitingOf(arm, TO_LEAVE.usual), grace);
  const budget = budgetOf(arm, tier);
  if (budget === undefined || usual.whole <= budget) return usual;
  const least = waitingOf(arm, TO_LEAVE.short);
  const left = budget - SPARE.short - grace;
  if (left < least) return { budget, fits: budget - SPARE.short - least };
  const shortened = Math.min(usual.preStop, left);
  return { preStop: shortened, whole: shortened + grace + SPARE.short };
}

export function isOverlong(ending: Ending | Overlong): ending is Overlong {
  return 'fits' in ending;
}

/** Of fairlead's own gateway, whose machine stays: it drains as the file's server does. */
export function gatewayEnding({ drain }: ServerOptions): Ending {
  const grace = Math.ceil(milliseconds(drain.grace) / 1000);
  return usualEnding(leftOf(drain, TO_LEAVE.usual), grace);
}

function usualEnding(preStop: number, grace: number): Ending {
  return { preStop, whole: preStop + grace + SPARE.usual };
}

/** A server of others knows no delay, so that the pod waits for it: it has the file's, if that is longer. */
function waitingOf({ service: { spec }, deployed }: PodArm, toLeave: number): number {
  const { drain } = spec.server;
  if (foreignKind(deployed.revision.runtime) === undefined) return leftOf(drain, toLeave);
  return Math.max(toLeave, Math.ceil(milliseconds(drain.delay) / 1000));
}

/** What still accepts for the file's delay after it is told to stop waits for balancers itself, but for the rest. */
function leftOf({ delay }: ServerOptions['drain'], toLeave: number): number {
  return Math.max(0, Math.ceil(toLeave - milliseconds(delay) / 1000));
}
