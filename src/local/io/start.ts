import { type Clock, HttpDoor, type Logger, systemClock } from '#base';
import { type Arm, milliseconds } from '#spec';
import { Pool } from '../pool.ts';
import { statusOf } from '../status.ts';
import { Tally } from '../tally.ts';
import type { LocalStatus } from '../words.ts';
import type { Passage } from './exchange.ts';
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
  const limits = { ...gatewayLimits, ...options.limits };
  const door = await HttpDoor.open({ ...options, limits });
  return new RunningService(door, { arms, service, options, limits });
}

interface Setup {
  readonly arms: readonly Arm[];
  readonly service: string;
  readonly options: LocalOptions;
  readonly limits: GatewayLimits;
}

class RunningService implements Local {
  readonly url: string;
  readonly #service: string;
  readonly #options: LocalOptions;
  readonly #clock: Clock;
  readonly #tally = new Tally();
  readonly #pool = new Pool();
  readonly #agent = new UpstreamAgent();
  readonly #supervisor: Supervisor;
  readonly #gateway: Gateway;
  #served = false;
  #closing = false;
  #closed: Promise<void> | undefined;

  constructor(door: HttpDoor, { arms, service, options, limits }: Setup) {
    this.url = door.url;
    this.#service = service;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#supervisor = this.#supervise();
    this.#gateway = new Gateway(door, this.#passage(limits), this.#pages(limits));
    this.#supervisor.begin(arms);
  }

  status(): LocalStatus {
    const whole = {
      service: this.#service,
      url: this.url,
      inFlight: this.#gateway.inFlight,
      tally: this.#tally,
      now: this.#clock.now(),
    };
    const found = statusOf(whole, this.#supervisor.arms, this.#supervisor.replicas);
    if (this.#closing) return { ...found, state: 'stopping' };
    this.#served ||= found.state === 'serving';
    return found.state === 'degraded' && !this.#served ? { ...found, state: 'starting' } : found;
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#supervisor.ready(signal);
  }

  apply(arms: readonly Arm[]): Promise<void> {
    return this.#supervisor.apply(arms);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#options.onStatus?.(this.status());
    const graces = this.#supervisor.arms.map(({ revision }) => milliseconds(revision.server.drain.grace));
    await this.#gateway.close(Math.max(0, ...graces));
    await this.#supervisor.close();
    this.#agent.destroy();
  }

  #supervise(): Supervisor {
    const { program, logger, onServerLog = () => undefined } = this.#options;
    const onChange = (): void => {
      this.#pool.update(this.#supervisor.routes());
      this.#options.onStatus?.(this.status());
    };
    return new Supervisor({ program, logger, onServerLog, onChange, clock: this.#clock });
  }

  #passage(limits: GatewayLimits): Passage {
    return {
      limits,
      service: this.#service,
      pool: this.#pool,
      tally: this.#tally,
      agent: this.#agent,
      clock: this.#clock,
      logger: this.#options.logger,
      budget: new ReplayBudget(limits.replayBudget),
      suspect: (endpoint, unconnected) => this.#supervisor.suspect(endpoint, unconnected),
    };
  }

  #pages({ metricsMs }: GatewayLimits): OwnPages {
    return new OwnPages({
      metricsMs,
      tally: this.#tally,
      status: () => this.status(),
      endpoints: () => this.#supervisor.replicas.flatMap(({ endpoint }) => endpoint ?? []),
    });
  }
}
