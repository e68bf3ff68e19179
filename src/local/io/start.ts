import { type Clock, type Logger, systemClock } from '#base';
import { type Arm, milliseconds } from '#spec';
import { Pool } from '../pool.ts';
import { statusOf } from '../status.ts';
import { Tally } from '../tally.ts';
import type { LocalStatus } from '../words.ts';
import { Gateway } from './gateway.ts';
import { type GatewayLimits, gatewayLimits } from './limits.ts';
import { OwnPages } from './own-pages.ts';
import { ReplayBudget } from './request-body.ts';
import { Supervisor } from './supervisor.ts';
import { UpstreamAgent } from './upstream-agent.ts';

export interface LocalOptions {
  /** Where the gateway listens; port 0 lets the system choose. */
  readonly host: string;
  readonly port: number;
  /** The command that is fairlead itself, before its verb. */
  readonly program: readonly string[];
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly limits?: Partial<GatewayLimits>;
  /** Called after every change of a server, of the arms or of the whole; not for requests. */
  readonly onStatus?: (status: LocalStatus) => void;
  /** Called with every line a server writes to its stderr. */
  readonly onServerLog?: (revision: string, line: string) => void;
}

/** A service that runs on this machine. */
export interface Local {
  /** The gateway's base URL. */
  readonly url: string;
  status(): LocalStatus;
  /**
   * Resolves when each arm that should serve has a healthy server. Rejects with `server_failed` when a server ends before
   * it was ever ready, and with the signal's reason when that is aborted.
   */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Makes these the arms: starts what is new, waits until it is healthy, moves the traffic, then drains and stops what
   * left. When something new fails, all stays as it was and this rejects with `server_failed`. A newer call takes over from
   * an older one, which then ends as the newer does.
   */
  apply(arms: readonly Arm[]): Promise<void>;
  /** Stops accepting, lets what is in flight finish, then stops the servers. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Opens the gateway, then starts a server process for each replica of each arm. Resolves once the port is open; rejects
 * with `port_taken` or `listen_failed`, and then nothing was started.
 */
export async function startLocal(
  arms: readonly Arm[],
  service: string,
  options: LocalOptions,
): Promise<Local> {
  const { logger, program, clock = systemClock } = options;
  const limits = { ...gatewayLimits, ...options.limits };
  const pool = new Pool();
  const tally = new Tally();
  const agent = new UpstreamAgent();
  let closed: Promise<void> | undefined;
  let closing = false;
  let served = false;

  const supervisor = new Supervisor({
    program,
    logger,
    clock,
    onServerLog: options.onServerLog ?? (() => undefined),
    onChange: () => {
      pool.update(supervisor.routes());
      changed();
    },
  });
  const status = (): LocalStatus => {
    const { arms: now, replicas } = supervisor;
    const found = statusOf(
      { service, url: gateway.url, inFlight: gateway.inFlight, tally, now: clock.now() },
      now,
      replicas,
    );
    served ||= found.state === 'serving';
    if (closing) return { ...found, state: 'stopping' };
    return found.state === 'degraded' && !served ? { ...found, state: 'starting' } : found;
  };
  const changed = (): void => options.onStatus?.(status());
  const pages = new OwnPages({
    status,
    endpoints: () => supervisor.replicas.flatMap(({ endpoint }) => endpoint ?? []),
    tally,
    metricsMs: limits.metricsMs,
  });
  const passage = {
    service,
    pool,
    tally,
    agent,
    limits,
    clock,
    logger,
    budget: new ReplayBudget(limits.replayBudget),
    suspect: supervisor.suspect.bind(supervisor),
  };
  const gateway = await Gateway.open(passage, pages, options);
  supervisor.begin(arms);

  const close = async (): Promise<void> => {
    closing = true;
    changed();
    const graces = supervisor.arms.map(({ revision }) => milliseconds(revision.server.drain.grace));
    await gateway.close(Math.max(0, ...graces));
    await supervisor.close();
    agent.destroy();
  };
  return {
    url: gateway.url,
    status,
    ready: signal => supervisor.ready(signal),
    apply: next => supervisor.apply(next),
    close: () => (closed ??= close()),
  };
}
