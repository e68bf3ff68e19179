import type { ModelIdentity, Role } from '#spec';

/**
 * A server's life as people see it. `starting` until it is first ready, `unhealthy` while it runs but does not answer as
 * ready, `restarting` from the end of its process until the next one is ready, `stopping` while it drains.
 */
export type ServerState = 'starting' | 'healthy' | 'unhealthy' | 'restarting' | 'stopping' | 'stopped';

export interface ServerStatus {
  /** Counts from 0 within a revision, and stays with the server over restarts. */
  readonly id: number;
  readonly state: ServerState;
  readonly pid?: number;
  readonly url?: string;
  /** Times its process ended by itself and was started again. */
  readonly restarts: number;
  readonly inFlight: number;
}

/** A revision with a part in the traffic. */
export interface ArmStatus {
  readonly role: Role;
  readonly revision: string;
  /** Every version that its servers have when they start. */
  readonly models: readonly ModelIdentity[];
  /** Percent of requests. */
  readonly weight: number;
  /** Whether it has a server in rotation. */
  readonly healthy: boolean;
  readonly servers: readonly ServerStatus[];
  readonly requests: number;
  /** Answers of status 500 and above, and answers that broke off. */
  readonly failed: number;
}

/** Servers that run beside the arms: of a new revision that warms up, or of one that left and drains. */
export interface AsideStatus {
  readonly revision: string;
  readonly models: readonly ModelIdentity[];
  readonly servers: readonly ServerStatus[];
}

export interface LocalStatus {
  readonly service: string;
  readonly url: string;
  /** `grpc://host:port`, or `grpcs:`, where it speaks gRPC. */
  readonly grpc?: string;
  /** Unix time at which the certificate that clients are shown ends, with TLS. Seconds. */
  readonly certificateEnds?: number;
  /** `serving` when each arm that should have a healthy server has one. */
  readonly state: 'starting' | 'serving' | 'degraded' | 'stopping';
  readonly arms: readonly ArmStatus[];
  readonly aside: readonly AsideStatus[];
  readonly requests: number;
  readonly failed: number;
  /** Requests sent to a second server because the connection to the first failed. */
  readonly retries: number;
  readonly inFlight: number;
  /** Requests answered a second, over the last seconds. */
  readonly rate: number;
}
