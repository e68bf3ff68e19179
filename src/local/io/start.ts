import { setTimeout as pause } from 'node:timers/promises';
import {
  boundedLogger,
  boundYoungGeneration,
  type Clock,
  Countdown,
  type Logger,
  noTracer,
  systemClock,
} from '#base';
import { type Arriving, isNearby, type RpcDoor } from '#net';
import { type Arm, foreignKind, milliseconds, readSize } from '#spec';
import { NOTHING_TOLD, type Tracing } from '#telemetry';
import type { Endpoint } from '../endpoint.ts';
import { Pool } from '../pool.ts';
import { ReplayBudget } from '../replay-budget.ts';
import { AnswerRoom } from '../rpc/answer-room.ts';
import { MessageBudget } from '../rpc/message-budget.ts';
import { OpenCalls } from '../rpc/open-calls.ts';
import { statusOf } from '../status.ts';
import { Tally } from '../tally.ts';
import type { LocalStatus } from '../words.ts';
import { GatewayAccess } from './access.ts';
import { drain } from './drain.ts';
import { Gateway } from './gateway.ts';
import { GatewayEntrance } from './gateway-entrance.ts';
import { getOf } from './get.ts';
import { type GatewayLimits, gatewayLimits } from './limits.ts';
import { OwnPages } from './own-pages.ts';
import type { Passage } from './passage.ts';
import { RpcGateway } from './rpc/gateway.ts';
import { HealthCalls } from './rpc/health-calls.ts';
import { MOST_ANSWERS, MOST_MESSAGES, rpcLimits } from './rpc/limits.ts';
import { Upstreams } from './rpc/upstreams.ts';
import { Supervisor } from './supervisor.ts';
import { UpstreamAgent } from './upstream-agent.ts';

/** For what a server says of itself: milliseconds, and bytes. */
const TELL_MS = 2000;
const MOST_TOLD = 1024 * 1024;

export interface LocalOptions {
  /** Where the gateway listens; port 0 lets the system choose. */
  readonly host: string;
  readonly port: number;
  /** The port for gRPC: 0 as above, undefined for none. */
  readonly grpcPort?: number | undefined;
  /** The command that is fairlead itself, before its verb. */
  readonly program: readonly string[];
  readonly logger: Logger;
  /** What requests are traced with; it is closed with the service. */
  readonly tracing?: Tracing | undefined;
  /** The least level that servers log, whatever the file says. */
  readonly logLevel?: string | undefined;
  readonly clock?: Clock;
  /** For servers to get ready. Milliseconds; ten minutes where nobody says. */
  readonly readyMs?: number;
  readonly limits?: Partial<GatewayLimits>;
  /** Called after every change of a server, of the arms or of the whole; not for requests. */
  readonly onStatus?: (status: LocalStatus) => void;
  /** Called with every line a server writes to its stderr. */
  readonly onServerLog?: (revision: string, line: string) => void;
  /** Told by request that the machine is taken away; without it, nobody can. */
  readonly onNotice?: () => void;
}

/** A service that runs on this machine. */
export interface Local {
  /** The gateway's base URL. */
  readonly url: string;
  /** `grpc://host:port`, or `grpcs:`; undefined where it does not speak gRPC. */
  readonly grpc: string | undefined;
  status(): LocalStatus;
  /** What a server says of itself at a path, as its gateway asks; undefined where it says nothing, or not in time. */
  tell(path: string): Promise<string | undefined>;
  /**
   * Resolves when each arm that should serve has a healthy server. Rejects with `server_failed` when a server ends before
   * it was ever ready, and with the signal's reason when that is aborted.
   */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Makes these the arms: starts what is new, waits until it is healthy, moves the traffic, then drains and stops what
   * left. When something new fails, all stays as it was and this rejects with `server_failed`, or with what is wrong with
   * files of keys. A newer call takes over from
   * an older one, which then ends as the newer does.
   */
  apply(arms: readonly Arm[]): Promise<void>;
  /**
   * Drains: not ready, but still accepting for the file's delay; then lets what is in flight finish; then stops the servers.
   * Within the file's grace, or so many milliseconds from this call; it may be called again with less time.
   */
  close(withinMs?: number): Promise<void>;
}

/**
 * Opens the gateway, then starts a server process for each replica of each arm. Resolves once its ports are open; rejects
 * with `port_taken`, `listen_failed` or `tls_unusable`, or with what is wrong with files of keys, and then nothing was
 * started.
 */
export async function startLocal(arms: readonly Arm[], name: string, options: LocalOptions): Promise<Local> {
  const limits = { ...gatewayLimits, ...options.limits };
  const messages = new MessageBudget(MOST_MESSAGES);
  boundYoungGeneration();
  const clock = options.clock ?? systemClock;
  const access = new GatewayAccess({ clock, logger: options.logger });
  access.prepare(arms);
  let service: RunningService | undefined;
  try {
    const entrance = await GatewayEntrance.open(arms, {
      ...options,
      grpcPort: options.grpcPort,
      limits: { http: limits, rpc: rpcLimits(limits, messages) },
      budget: messages,
      ready: () => service?.status().state === 'serving',
      clock,
    });
    service = new RunningService({ entrance, messages, access }, { arms, service: name, options, limits });
    return service;
  } catch (error: unknown) {
    access.close();
    throw error;
  }
}

interface Doors {
  readonly entrance: GatewayEntrance;
  readonly messages: MessageBudget;
  /** Who may come in by them. */
  readonly access: GatewayAccess;
}

interface Setup {
  readonly arms: readonly Arm[];
  readonly service: string;
  readonly options: LocalOptions;
  readonly limits: GatewayLimits;
}

class RunningService implements Local {
  readonly url: string;
  readonly grpc: string | undefined;
  readonly #service: string;
  readonly #options: LocalOptions;
  readonly #limits: GatewayLimits;
  readonly #clock: Clock;
  readonly #tally = new Tally();
  readonly #pool = new Pool();
  readonly #agent = new UpstreamAgent();
  readonly #budget: ReplayBudget;
  readonly #messages: MessageBudget;
  readonly #access: GatewayAccess;
  readonly #supervisor: Supervisor;
  readonly #doors: GatewayEntrance;
  readonly #gateway: Gateway;
  readonly #rpc: RpcGateway | undefined;
  #served = false;
  #ending: Countdown | undefined;
  #closed: Promise<void> = Promise.resolve();

  constructor({ entrance: doors, messages, access }: Doors, { arms, service, options, limits }: Setup) {
    const { http, rpc, addresses } = doors.entrance;
    this.url = addresses.http;
    this.grpc = addresses.grpc;
    this.#doors = doors;
    this.#service = service;
    this.#options = options;
    this.#limits = limits;
    this.#clock = options.clock ?? systemClock;
    this.#budget = new ReplayBudget(limits.replayBudget);
    this.#messages = messages;
    this.#access = access;
    this.#supervisor = this.#supervise();
    this.#gateway = new Gateway(http, { ...this.#passage(), agent: this.#agent }, this.#pages());
    this.#rpc = rpc && this.#rpcGateway(rpc);
    this.#supervisor.begin(arms);
  }

  status(): LocalStatus {
    const whole = {
      service: this.#service,
      url: this.url,
      grpc: this.grpc,
      certificateEnds: this.#doors.entrance.tls?.expirySeconds,
      inFlight: this.#gateway.inFlight + (this.#rpc?.inFlight ?? 0),
      tally: this.#tally,
      now: this.#clock.now(),
    };
    const found = statusOf(whole, this.#supervisor.arms, this.#supervisor.replicas);
    if (this.#ending) return { ...found, state: 'stopping' };
    this.#served ||= found.state === 'serving';
    return found.state === 'degraded' && !this.#served ? { ...found, state: 'starting' } : found;
  }

  async tell(path: string): Promise<string | undefined> {
    const [endpoint] = this.#endpoints();
    const ask = { path, signal: AbortSignal.timeout(TELL_MS), mostBytes: MOST_TOLD };
    const found = endpoint && (await getOf(endpoint, ask).catch(() => undefined));
    return found?.status === 200 ? found.text : undefined;
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#supervisor.ready(signal);
  }

  async apply(arms: readonly Arm[]): Promise<void> {
    const done = this.#access.prepare(arms);
    try {
      await this.#doors.check(arms);
      await this.#supervisor.apply(arms);
    } finally {
      done();
    }
  }

  close(withinMs = Infinity): Promise<void> {
    if (this.#ending === undefined) {
      const graceMs = this.#longest('grace');
      this.#ending = new Countdown(this.#clock, Math.min(graceMs, withinMs));
      this.#closed = this.#close(this.#ending, graceMs);
    } else this.#ending.shorten(withinMs);
    return this.#closed;
  }

  async #close(countdown: Countdown, graceMs: number): Promise<void> {
    this.#options.onStatus?.(this.status());
    this.#rpc?.changed();
    const ending = {
      entrance: this.#doors.entrance,
      gateway: this.#gateway,
      rpc: this.#rpc,
      supervisor: this.#supervisor,
      tracing: this.#options.tracing,
    };
    const sleep = (ms: number): Promise<void> => pause(ms, undefined, { ref: false });
    await drain(ending, countdown, { delayMs: this.#longest('delay'), graceMs, sleep });
    this.#access.close();
    this.#agent.destroy();
  }

  /** Of the arms in service. Milliseconds. */
  #longest(which: 'delay' | 'grace'): number {
    return Math.max(
      0,
      ...this.#supervisor.arms.map(({ revision }) => milliseconds(revision.server.drain[which])),
    );
  }

  #supervise(): Supervisor {
    const { grpcPort, onServerLog = () => undefined } = this.#options;
    const onChange = (): void => this.#changed();
    const grpc = grpcPort !== undefined;
    return new Supervisor({ ...this.#options, grpc, onServerLog, onChange, clock: this.#clock });
  }

  #changed(): void {
    this.#access.follow(this.#supervisor.arms);
    this.#doors.follow(this.#supervisor.arms);
    this.#pool.update(this.#supervisor.routes());
    this.#messages.update(this.#supervisor.arms.map(bodyOf));
    this.#rpc?.changed();
    this.#options.onStatus?.(this.status());
  }

  /** What requests and calls share: one split, one count, one bound on what is kept to be sent again. */
  #passage(): Passage {
    return {
      service: this.#service,
      limits: this.#limits,
      pool: this.#pool,
      tally: this.#tally,
      budget: this.#budget,
      clock: this.#clock,
      logger: boundedLogger(this.#options.logger, this.#clock),
      guard: () => this.#access.guard,
      tracer: this.#options.tracing ?? noTracer,
      isForeign: () => foreignKind(this.#supervisor.arms[0]?.revision.runtime ?? {}) !== undefined,
      suspect: (endpoint, unconnected) => this.#supervisor.suspect(endpoint, unconnected),
    };
  }

  #rpcGateway(door: RpcDoor): RpcGateway {
    const own = { upstreams: new Upstreams(), calls: new OpenCalls(), room: new AnswerRoom(MOST_ANSWERS) };
    const health = new HealthCalls(() => this.#pool.isUp && this.#ending === undefined);
    return new RpcGateway(door, { ...this.#passage(), ...own }, health);
  }

  /** A guard has let administrators through alone. */
  #mayDrain(asked: Arriving): boolean {
    return this.#access.guard !== undefined || isNearby(asked);
  }

  #pages(): OwnPages {
    const { onNotice } = this.#options;
    return new OwnPages({
      drain: onNotice && { allows: asked => this.#mayDrain(asked), begin: onNotice },
      metricsMs: this.#limits.metricsMs,
      tally: this.#tally,
      refusals: this.#access.refusals,
      isOpen: () => this.#access.guard === undefined,
      told: this.#options.tracing && (() => this.#options.tracing?.told ?? NOTHING_TOLD),
      status: () => this.status(),
      endpoints: () => this.#endpoints(),
    });
  }

  /** The server processes that listen, in rotation or not. */
  #endpoints(): Endpoint[] {
    return this.#supervisor.replicas.flatMap(({ endpoint }) => endpoint ?? []);
  }
}

/** Bytes of the largest body or message that an arm's servers take; the schema has checked it. */
function bodyOf({ revision }: Arm): number {
  const size = readSize(revision.server.limits.body);
  return size.ok ? size.value : 0;
}
