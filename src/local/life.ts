import { type Backoff, pauseBefore, unreachable } from '#base';
import type { ServerState } from './words.ts';

/** How a probe of readiness ended: 200; another status; no connection; or no answer in time. */
export type ProbeResult = 'ready' | 'refused' | 'unreachable' | 'slow';

export type LifeEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'probed'; readonly result: ProbeResult }
  /** A request could not connect to it. */
  | { readonly kind: 'unconnected' }
  /** Its process ended by itself. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'stopped' };

/** Where one server stands, over all its processes. Times are the clock's, in milliseconds. */
export interface Life {
  readonly state: ServerState;
  /** Processes started after one that ended by itself. */
  readonly restarts: number;
  /** Ends in a row without a healthy minute between them; it decides the pause before the next start. */
  readonly attempt: number;
  /** Probes in a row that were not answered in time. */
  readonly slow: number;
  /** Since when it has been healthy without a break. */
  readonly healthySince?: number;
  /** Whether the present process has been healthy. */
  readonly wasReady: boolean;
}

/** Restart pauses: 100 ms, doubled at each end, at most 10 s. */
const restartBackoff: Backoff = { first: 100, most: 10_000 };

/** After so many milliseconds of health an end counts as the first again. */
const FORGIVEN_AFTER = 60_000;

/** One late answer may be a busy moment; two in a row are a server that does not answer. */
const SLOW_PROBES = 2;

/**
 * So many in a row, about half a minute, are a process that will not come back by itself. Before it was first ready a late
 * answer means nothing: loading a large model may keep a server from answering for minutes.
 */
const HUNG_PROBES = 10;

export const newLife: Life = { state: 'starting', restarts: 0, attempt: 0, slow: 0, wasReady: false };

/** The life after an event. Nothing but its end follows `stop`. */
export function after(life: Life, event: LifeEvent, now: number): Life {
  if (life.state === 'stopped') return life;
  if (event.kind === 'stopped') return { ...unwell(life), state: 'stopped' };
  if (life.state === 'stopping') return life;
  switch (event.kind) {
    case 'stop':
      return { ...unwell(life), state: 'stopping' };
    case 'started':
      return started(life);
    case 'ended':
      return ended(life, now);
    case 'unconnected':
      return life.state === 'healthy' ? { ...unwell(life), state: 'unhealthy' } : life;
    case 'probed':
      return probed(life, event.result, now);
    default:
      return unreachable(event);
  }
}

/** Whether its process is to be ended, so that another can take its place. */
export function isHung(life: Life): boolean {
  return life.wasReady && life.slow >= HUNG_PROBES;
}

/** Milliseconds to wait before the next start of a server whose process ended. */
export function restartPause(life: Life): number {
  return pauseBefore(Math.max(0, life.attempt - 1), restartBackoff);
}

function started(life: Life): Life {
  const fresh = { ...unwell(life), slow: 0, wasReady: false };
  return life.state === 'restarting'
    ? { ...fresh, restarts: life.restarts + 1 }
    : { ...fresh, state: 'starting' };
}

function ended(life: Life, now: number): Life {
  const forgiven = life.healthySince !== undefined && now - life.healthySince >= FORGIVEN_AFTER;
  return { ...unwell(life), state: 'restarting', attempt: (forgiven ? 0 : life.attempt) + 1 };
}

function probed(life: Life, result: ProbeResult, now: number): Life {
  if (result === 'ready') {
    const healthySince = life.healthySince ?? now;
    return { ...life, state: 'healthy', slow: 0, healthySince, wasReady: true };
  }
  const slow = result === 'slow' ? life.slow + 1 : 0;
  const patient = result === 'slow' && slow < SLOW_PROBES;
  if (life.state !== 'healthy' || patient) return { ...life, slow };
  return { ...unwell(life), state: 'unhealthy', slow };
}

function unwell(life: Life): Life {
  const { healthySince: _over, ...rest } = life;
  return rest;
}
