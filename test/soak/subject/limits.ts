import type { ModelSettings } from '#server';

/** Of one request, so that many more than one are needed to fill it. */
export const MOST_BODY = 1024 * 1024;

/** For a request to arrive. Milliseconds. */
export const ARRIVES_MS = 2000;

/** For an answer of `chain`. Milliseconds. */
export const CHAIN_DEADLINE_MS = 2000;

const bySettings: Readonly<Record<string, Partial<ModelSettings>>> = {
  chain: {
    place: 'threads',
    instances: 2,
    maxRows: 16,
    deadlineMs: CHAIN_DEADLINE_MS,
    queue: { rows: 512, bytes: 16 * 1024 * 1024 },
  },
};

/** The server's limits, some of which are soon reached. */
export const limits = {
  maxBody: MOST_BODY,
  maxInFlight: 1024,
  requestTimeMs: ARRIVES_MS,
  drainDelayMs: 200,
  graceMs: 10_000,
  /** How some models run, by name. */
  bySettings,
};
