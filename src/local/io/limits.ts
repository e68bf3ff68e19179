import type { DoorLimits } from '#net';

/** What the gateway allows. Milliseconds and bytes. */
export interface GatewayLimits extends DoorLimits {
  /** Requests in flight at once; more are answered 503. */
  readonly concurrent: number;
  /** For a server's answer to begin; between two parts of it, `silentMs`. */
  readonly answerMs: number;
  /** Of one request body, kept to be sent again. */
  readonly replayBytes: number;
  /** Of all request bodies. */
  readonly replayBudget: number;
  /** For one server's /metrics. */
  readonly metricsMs: number;
}

export const gatewayLimits: GatewayLimits = {
  concurrent: 4096,
  headersMs: 10_000,
  requestMs: 300_000,
  answerMs: 65_000,
  idleMs: 620_000,
  silentMs: 300_000,
  replayBytes: 1024 * 1024,
  replayBudget: 64 * 1024 * 1024,
  metricsMs: 2000,
};
