import { type Clock, type Logger, messageOf, type Random } from '#base';
import type { FollowedArm } from '../followed-arm.ts';
import { type Told, turnover } from '../turnover.ts';
import { FollowedServer } from './followed-server.ts';
import type { Pauses } from './health-watch.ts';
import type { Resolve } from './resolve.ts';

/** For a name to be resolved, before that is a problem. Milliseconds. */
const RESOLVE_MS = 5000;

export interface FollowedNameOptions {
  readonly arm: FollowedArm;
  readonly resolve: Resolve;
  /** Between two looks at the name, on average. Milliseconds. */
  readonly lookMs: number;
  readonly probes: Pauses;
  /** The least number that no server of a revision has. */
  readonly freeId: (revision: string) => number;
  readonly isJoined: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called after every change of a server, or of which there are. */
  readonly onChange: () => void;
}

/** The servers of one revision, as a name has their addresses. */
export class FollowedName {
  readonly #options: FollowedNameOptions;
  #servers: readonly FollowedServer[] = [];
  #pending: Promise<readonly string[]> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What was last wrong with it. */
  #problem = '';
  #isClosed = false;

  constructor(options: FollowedNameOptions) {
    this.#options = options;
    void this.#look();
  }

  /** Those that leave among them. */
  get servers(): readonly FollowedServer[] {
    return this.#servers;
  }

  get isUp(): boolean {
    return this.#servers.some(({ healthy }) => healthy);
  }

  /** Looks no more, and lets all servers go. Resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#servers.map(server => this.#leave(server)));
  }

  async #look(): Promise<void> {
    const { lookMs, random } = this.#options;
    const told = await this.#told();
    if (this.#isClosed) return;
    this.#turn(told);
    // Many gateways that started together do not ask together.
    const pauseMs = lookMs * (0.75 + random.next() / 2);
    this.#timer = setTimeout(() => void this.#look(), pauseMs);
  }

  async #told(): Promise<Told> {
    const { resolve, arm } = this.#options;
    // One that hangs is not asked again beside itself.
    this.#pending ??= resolve(arm.place.host).finally(() => (this.#pending = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${RESOLVE_MS / 1000} s`)), RESOLVE_MS);
    });
    try {
      const told = await Promise.race([this.#pending, late]);
      this.#say(told.length === 0 ? 'it has no address' : '');
      return told;
    } catch (error: unknown) {
      this.#say(messageOf(error));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Once for each problem, and once when it is over. */
  #say(problem: string): void {
    if (problem === this.#problem || this.#isClosed) return;
    const { logger, arm } = this.#options;
    const facts = { revision: arm.revision.name, host: arm.place.host };
    if (problem !== '')
      logger.log('warn', 'servers are not found by their name: those that are known stay', {
        ...facts,
        problem,
      });
    else logger.log('info', 'servers are found by their name again', facts);
    this.#problem = problem;
  }

  #turn(told: Told): void {
    const { clock } = this.#options;
    const now = clock.now();
    const staying = this.#servers.filter(({ isLeaving }) => !isLeaving);
    for (const server of staying) if (told?.includes(server.address)) server.confirmedMs = now;
    const { come, leave } = turnover(staying, told, now);
    for (const server of leave) void this.#leave(server);
    for (const address of come) this.#come(address);
  }

  #come(address: string): void {
    const { arm, freeId } = this.#options;
    const id = freeId(arm.revision.name);
    this.#servers = [...this.#servers, new FollowedServer({ ...this.#options, address, id })];
    this.#options.onChange();
  }

  async #leave(server: FollowedServer): Promise<void> {
    await server.leave();
    this.#servers = this.#servers.filter(one => one !== server);
    this.#options.onChange();
  }
}
