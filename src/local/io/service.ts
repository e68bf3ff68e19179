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
import { milliseconds, readSize } from '#spec';
import { NOTHING_TOLD, type Tracing } from '#telemetry';
import type { Endpoint } from '../endpoint.ts';
import type { Fleet, FleetArm } from '../fleet.ts';
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
import { UpstreamAgent } from './upstream-agent.ts';

/** For what a server says of itself: milliseconds, and bytes. */
const TELL_MS = 2000;
const MOST_TOLD = 1024 * 1024;

export interface ServiceOptions {
  /** Where the gateway listens; port 0 lets the system choose. */
  readonly host: string;
  readonly port: number;
  /** The port for gRPC: 0 as above, undefined for none. */
  readonly grpcPort?: number | undefined;
  readonly logger: Logger;
  /** What requests are traced with; it is closed with the service. */
  readonly tracing?: Tracing | undefined;
  readonly clock?: Clock;
  readonly limits?: Partial<GatewayLimits>;
  /** Called after every change of a server, of the arms or of the whole; not for requests. */
  readonly onStatus?: (status: LocalStatus) => void;
  /** Told by request that the machine is taken away; without it, nobody can. */
  readonly onNotice?: () => void;
}

/** Arms behind one door. */
export interface Service<A extends FleetArm> {
  /** The gateway's base URL. */
  readonly url: string;
  /** `grpc://host:port`, or `grpcs:`; undefined where it does not speak gRPC. */
  readonly grpc: string | undefined;
  /** The base URL of the port for probes alone, where there is one. */
  readonly health: string | undefined;
  status(): LocalStatus;
  /** What a server says of itself at a path, as its gateway asks; undefined where it says nothing, or not in time. */
  tell(path: string): Promise<string | undefined>;
  /** As the fleet has it: see `Fleet.ready`. */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Makes these the arms, as `Fleet.apply` does. When something is wrong with them, or with files of keys or TLS, all stays as
   * it was and this rejects.
   */
  apply(arms: readonly A[]): Promise<void>;
  /**
   * Drains: not ready, but still accepting for the file's delay; then lets what is in flight finish; then ends the fleet.
   * Within the file's grace, or so many milliseconds from this call; it may be called again with less time.
   */
  close(withinMs?: number): Promise<void>;
}

/** What a service is made of. */
export interface Setup<A extends FleetArm> {
  readonly arms: readonly A[];
  readonly service: string;
  readonly options: ServiceOptions;
  /** Whoever keeps the servers; it tells of changes. */
  readonly fleet: (onChange: () => void) => Fleet<A>;
  /** Whether more requests may come to this door: the answer to probes. */
  readonly isReady: (status: LocalStatus) => boolean;
}

/**
 * Opens the gateway, then begins with the arms. Resolves once its ports are open; rejects with `port_taken`, `listen_failed` or
 * `tls_unusable`, or with what is wrong with files of keys, and then nothing was begun.
 */
export async function openService<A extends FleetArm>(setup: Setup<A>): Promise<Service<A>> {
  const { arms, options } = setup;
  const limits = { ...gatewayLimits, ...options.limits };
  const messages = new MessageBudget(MOST_MESSAGES);
  boundYoungGeneration();
  const clock = options.clock ?? systemClock;
  const access = new GatewayAccess({ clock, logger: options.logger });
  access.prepare(arms);
  let service: RunningService<A> | undefined;
  try {
    const entrance = await GatewayEntrance.open(arms, {
      ...options,
      grpcPort: options.grpcPort,
      limits: { http: limits, rpc: rpcLimits(limits, messages) },
      budget: messages,
      ready: () => service !== undefined && setup.isReady(service.status()),
      clock,
    });
    service = new RunningService({ entrance, messages, access, limits }, setup);
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
  readonly limits: GatewayLimits;
}

class RunningService<A extends FleetArm> implements Service<A> {
  readonly url: string;
  readonly grpc: string | undefined;
  readonly health: string | undefined;
  readonly #service: string;
  readonly #options: ServiceOptions;
  readonly #limits: GatewayLimits;
  readonly #clock: Clock;
  readonly #tally = new Tally();
  readonly #pool = new Pool();
  readonly #agent = new UpstreamAgent();
  readonly #budget: ReplayBudget;
  readonly #messages: MessageBudget;
  readonly #access: GatewayAccess;
  readonly #fleet: Fleet<A>;
  readonly #isReady: Setup<A>['isReady'];
  readonly #doors: GatewayEntrance;
  readonly #gateway: Gateway;
  readonly #rpc: RpcGateway | undefined;
  #served = false;
  #ending: Countdown | undefined;
  #closed: Promise<void> = Promise.resolve();

  constructor({ entrance: doors, messages, access, limits }: Doors, setup: Setup<A>) {
    const { arms, service, options, fleet, isReady } = setup;
    const { http, rpc, addresses } = doors.entrance;
    this.url = addresses.http;
    this.grpc = addresses.grpc;
    this.health = addresses.health;
    this.#doors = doors;
    this.#service = service;
    this.#options = options;
    this.#limits = limits;
    this.#clock = options.clock ?? systemClock;
    this.#budget = new ReplayBudget(limits.replayBudget);
    this.#messages = messages;
    this.#access = access;
    this.#isReady = isReady;
    this.#fleet = fleet(() => this.#changed());
    this.#gateway = new Gateway(http, { ...this.#passage(), agent: this.#agent }, this.#pages());
    this.#rpc = rpc && this.#rpcGateway(rpc);
    this.#fleet.begin(arms);
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
    const found = statusOf(whole, this.#fleet.arms, this.#fleet.replicas);
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
    return this.#fleet.ready(signal);
  }

  async apply(arms: readonly A[]): Promise<void> {
    const done = this.#access.prepare(arms);
    try {
      await this.#doors.check(arms);
      await this.#fleet.apply(arms);
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
      fleet: this.#fleet,
      tracing: this.#options.tracing,
    };
    const sleep = (ms: number): Promise<void> => pause(ms, undefined, { ref: false });
    await drain(ending, countdown, { delayMs: this.#longest('delay'), graceMs, sleep });
    this.#access.close();
    this.#agent.destroy();
  }

  /** Of the arms in service. Milliseconds. */
  #longest(which: 'delay' | 'grace'): number {
    return Math.max(0, ...this.#fleet.arms.map(({ revision }) => milliseconds(revision.server.drain[which])));
  }

  #changed(): void {
    this.#access.follow(this.#fleet.arms);
    this.#doors.follow(this.#fleet.arms);
    this.#pool.update(this.#fleet.routes());
    this.#messages.update(this.#fleet.arms.map(bodyOf));
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
      withholds: endpoint => this.#withholds(endpoint),
      tracer: this.#options.tracing ?? noTracer,
      isForeign: () => this.#fleet.isForeign,
      suspect: (endpoint, unconnected) => this.#fleet.suspect(endpoint, unconnected),
    };
  }

  /**
   * A server that knows its gateway asks nobody else, and one of others cannot tell who may ask: to both a credential would only be
   * one more that they could keep. One of fairlead's that others reach too asks for itself.
   */
  #withholds({ secret }: Endpoint): boolean {
    return secret !== undefined || (this.#access.guard !== undefined && this.#fleet.isForeign);
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
      isReady: this.#isReady,
      endpoints: () => this.#endpoints(),
    });
  }

  /** The server processes that listen, in rotation or not. */
  #endpoints(): Endpoint[] {
    return this.#fleet.replicas.flatMap(({ endpoint }) => endpoint ?? []);
  }
}

/** Bytes of the largest body or message that an arm's servers take; the schema has checked it. */
function bodyOf({ revision }: FleetArm): number {
  const size = readSize(revision.server.limits.body);
  return size.ok ? size.value : 0;
}
