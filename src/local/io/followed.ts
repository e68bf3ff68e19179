import { type Clock, failure, type Logger, type Random } from '#base';
import { Conditions } from '../conditions.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Fleet } from '../fleet.ts';
import { type FollowedArm, placeKey } from '../followed-arm.ts';
import type { PoolArm } from '../pool.ts';
import { FollowedName } from './followed-name.ts';
import type { FollowedServer } from './followed-server.ts';
import type { Pauses } from './health-watch.ts';
import type { Resolve } from './resolve.ts';

/** Arms that are not in service after so long are told of. Milliseconds. */
const REMIND_MS = 30_000;

export interface FollowedOptions {
  readonly resolve: Resolve;
  /** Between two looks at a name, on average. Milliseconds. */
  readonly lookMs: number;
  readonly probes: Pauses;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called after every change of a server or of the arms. */
  readonly onChange: () => void;
}

/**
 * Servers that somebody else keeps running, found by their names. Plans are levels, not steps: the newest arms are wanted, whatever
 * was wanted before, and the arms in service change as soon as those that get more have a server.
 */
export class Followed implements Fleet<FollowedArm> {
  readonly #options: FollowedOptions;
  readonly #conditions = new Conditions();
  readonly #closing = new AbortController();
  /** By the key of their place, those of the arms in service and of those that are wanted. */
  readonly #names = new Map<string, FollowedName>();
  /** Whose servers finish what they have. */
  readonly #leaving = new Set<FollowedName>();
  #arms: readonly FollowedArm[] = [];
  #wanted: readonly FollowedArm[] = [];

  constructor(options: FollowedOptions) {
    this.#options = options;
  }

  get arms(): readonly FollowedArm[] {
    return this.#arms;
  }

  get replicas(): readonly FollowedServer[] {
    return [...this.#names.values(), ...this.#leaving].flatMap(({ servers }) => servers);
  }

  get isForeign(): boolean {
    return this.#arms[0]?.isForeign === true;
  }

  begin(arms: readonly FollowedArm[]): void {
    this.#wanted = arms;
    this.#arms = arms;
    this.#follow();
    this.#options.onChange();
  }

  async ready(signal: AbortSignal): Promise<void> {
    const end = AbortSignal.any([signal, this.#closing.signal]);
    const serving = (): FollowedArm[] => this.#arms.filter(({ weight }) => weight > 0);
    await this.#conditions.until(() => serving().every(arm => this.#isUp(arm)), end);
  }

  /** Waits as long as it takes: what serves goes on until what is to serve can. */
  async apply(arms: readonly FollowedArm[]): Promise<void> {
    this.#closing.signal.throwIfAborted();
    this.#wanted = arms;
    this.#follow();
    const remind = setTimeout(() => this.#remind(), REMIND_MS);
    this.#changed();
    try {
      await this.#conditions.until(() => this.#wanted === this.#arms, this.#closing.signal);
    } finally {
      clearTimeout(remind);
    }
  }

  routes(): PoolArm[] {
    return this.#arms.map(arm => ({
      revision: arm.revision.name,
      models: arm.revision.models,
      weight: arm.weight,
      endpoints: (this.#names.get(placeKey(arm))?.servers ?? []).flatMap(({ healthy, endpoint }) =>
        healthy ? [endpoint] : [],
      ),
    }));
  }

  suspect(endpoint: Endpoint, unconnected: boolean): void {
    const server = this.replicas.find(one => one.endpoint === endpoint);
    if (unconnected) server?.unconnected();
    else server?.check();
  }

  async close(): Promise<void> {
    this.#closing.abort(failure('draining', {}));
    const names = [...this.#names.values(), ...this.#leaving];
    await Promise.all(names.map(name => name.close()));
  }

  kill(): void {
    for (const server of this.replicas) server.cut();
  }

  /** Follows the names of all arms that count, and no others. */
  #follow(): void {
    const counting = new Map([...this.#wanted, ...this.#arms].map(arm => [placeKey(arm), arm]));
    for (const [key, arm] of counting) if (!this.#names.has(key)) this.#names.set(key, this.#name(key, arm));
    for (const [key, name] of this.#names) if (!counting.has(key)) void this.#let(key, name);
  }

  #name(key: string, arm: FollowedArm): FollowedName {
    return new FollowedName({
      ...this.#options,
      arm,
      freeId: revision => this.#freeId(revision),
      isJoined: () => this.#arms.some(one => placeKey(one) === key),
      onChange: () => this.#changed(),
    });
  }

  async #let(key: string, name: FollowedName): Promise<void> {
    this.#names.delete(key);
    this.#leaving.add(name);
    await name.close();
    this.#leaving.delete(name);
    this.#changed();
  }

  #freeId(revision: string): number {
    const taken = new Set(this.replicas.filter(one => one.revision.name === revision).map(({ id }) => id));
    let id = 0;
    while (taken.has(id)) id += 1;
    return id;
  }

  #changed(): void {
    if (this.#wanted !== this.#arms && this.#missing() === undefined) {
      this.#arms = this.#wanted;
      this.#follow();
    }
    this.#options.onChange();
    this.#conditions.look();
  }

  /** The first arm that is to get more than it has, or is elsewhere now, and has no server that is ready. */
  #missing(): FollowedArm | undefined {
    const now = new Map(this.#arms.map(arm => [placeKey(arm), arm.weight]));
    return this.#wanted.find(arm => arm.weight > (now.get(placeKey(arm)) ?? 0) && !this.#isUp(arm));
  }

  #isUp(arm: FollowedArm): boolean {
    return this.#names.get(placeKey(arm))?.isUp === true;
  }

  #remind(): void {
    const missing = this.#missing();
    if (missing === undefined) return;
    const { revision, place } = missing;
    this.#options.logger.log('warn', 'the plan waits for a server, and the one before goes on', {
      revision: revision.name,
      host: place.host,
    });
  }
}
