import type { Clock, Logger } from '#base';
import { milliseconds } from '#spec';
import { Endpoint } from '../endpoint.ts';
import type { FleetServer } from '../fleet.ts';
import type { FollowedArm } from '../followed-arm.ts';
import { after, type Life, type LifeEvent, newLife, type ProbeResult } from '../life.ts';
import type { ServerStatus } from '../words.ts';
import { HealthWatch, type Pauses } from './health-watch.ts';
import { within } from './within.ts';

export interface FollowedServerOptions {
  readonly arm: FollowedArm;
  readonly id: number;
  readonly address: string;
  /** Whether its arm is in service. */
  readonly isJoined: () => boolean;
  readonly probes: Pauses;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after every change of `status()`. */
  readonly onChange: () => void;
}

/** One server that runs elsewhere: asked for its health, in rotation while it is well, and let go when it leaves. */
export class FollowedServer implements FleetServer {
  readonly revision: FollowedArm['revision'];
  readonly id: number;
  readonly address: string;
  readonly endpoint: Endpoint;
  /** When its name had this address last. */
  confirmedMs: number;
  readonly #options: FollowedServerOptions;
  readonly #watch: HealthWatch;
  readonly #cut = Promise.withResolvers<void>();
  #life: Life = newLife;
  #left: Promise<void> | undefined;

  constructor(options: FollowedServerOptions) {
    const { arm, id, address, clock, probes } = options;
    const { port, grpcPort, metrics, answerMs, mostBody, ready } = arm.place;
    this.#options = options;
    this.revision = arm.revision;
    this.id = id;
    this.address = address;
    this.confirmedMs = clock.now();
    const at = { host: address, port };
    const { name } = arm.revision;
    this.endpoint = new Endpoint({
      ...at,
      revision: name,
      server: id,
      grpcPort,
      metrics,
      answerMs,
      mostBody,
    });
    const probed = ({ result }: { result: ProbeResult }): void => this.#happen({ kind: 'probed', result });
    this.#watch = new HealthWatch({ ...at, path: ready }, probed, probes);
  }

  get joined(): boolean {
    return this.#options.isJoined();
  }

  get healthy(): boolean {
    return this.#life.state === 'healthy';
  }

  get isLeaving(): boolean {
    return this.#left !== undefined;
  }

  status(): ServerStatus {
    const { port, inFlight } = this.endpoint;
    const url = `http://${this.endpoint.authority(port)}`;
    // Whoever keeps it running counts its starts.
    return { id: this.id, state: this.#life.state, restarts: 0, inFlight, url };
  }

  /** A request could not connect to it: out of rotation, until a probe says otherwise. */
  unconnected(): void {
    this.#happen({ kind: 'unconnected' });
    this.#watch.check();
  }

  /** A request met something odd: ask how it is. */
  check(): void {
    this.#watch.check();
  }

  /** Out of rotation at once; resolves when its requests have finished, or their grace is over. Safe to call again. */
  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  /** Nobody waits for its requests any more. */
  cut(): void {
    this.#cut.resolve();
  }

  async #leave(): Promise<void> {
    this.#watch.close();
    this.#happen({ kind: 'stop' });
    const graceMs = milliseconds(this.revision.server.drain.grace);
    await within(graceMs, Promise.race([this.endpoint.idle(), this.#cut.promise]));
    this.#happen({ kind: 'stopped' });
  }

  #happen(event: LifeEvent): void {
    const { logger, clock, onChange } = this.#options;
    const before = this.#life;
    this.#life = after(before, event, clock.now());
    if (before.state === this.#life.state) return;
    const facts = { revision: this.revision.name, server: this.id, address: this.address };
    logger.log('info', 'server changed', { ...facts, from: before.state, to: this.#life.state });
    onChange();
  }
}
