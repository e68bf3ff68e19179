import { type Clock, failure, type Logger } from '#base';
import { type Arm, foreignKind } from '#spec';
import { Conditions } from '../conditions.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Fleet } from '../fleet.ts';
import { foldArms, plan } from '../plan.ts';
import type { PoolArm } from '../pool.ts';
import { Grounds } from './grounds.ts';
import { Replica } from './replica.ts';

/** Loading a model may take long, but not forever. Milliseconds. */
const READY_MS = 600_000;

export interface SupervisorOptions {
  readonly program: readonly string[];
  /** Whether servers are to speak gRPC too. */
  readonly grpc: boolean;
  /** The least level that servers log, whatever the file says. */
  readonly logLevel?: string | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For servers to get ready. Milliseconds; ten minutes where nobody says. */
  readonly readyMs?: number | undefined;
  readonly onServerLog: (revision: string, line: string) => void;
  /** Called after every change of a server or of the arms. */
  readonly onChange: () => void;
}

/**
 * Keeps the servers of the arms running. Edits are levels, not steps: the newest arms are wanted, whatever was wanted
 * before, and the arms in service change only when all that is new is ready.
 */
export class Supervisor implements Fleet<Arm> {
  readonly #options: SupervisorOptions;
  readonly #conditions = new Conditions();
  readonly #closing = new AbortController();
  readonly #grounds: Grounds;
  #replicas: readonly Replica[] = [];
  /** The arms in service. */
  #arms: readonly Arm[] = [];
  #wanted: readonly Arm[] = [];
  #newer = new AbortController();
  #working: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#grounds = new Grounds(options);
  }

  get arms(): readonly Arm[] {
    return this.#arms;
  }

  get isForeign(): boolean {
    return foreignKind(this.#arms[0]?.revision.runtime ?? {}) !== undefined;
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  /** A first start: nothing is in service yet, so the arms are, at once, and their servers join as they get ready. */
  begin(arms: readonly Arm[]): void {
    this.#wanted = foldArms(arms);
    this.#arms = this.#wanted;
    this.#carryOutStarts(this.#wanted);
    for (const replica of this.#replicas) replica.joined = true;
    this.#changed();
  }

  /** Resolves when each arm that should serve does. Rejects when one of its servers ends before it was ever ready. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#until(() => this.#arms.filter(serves).every(arm => this.#isUp(arm)), signal);
  }

  /**
   * Makes these the arms in service: starts what is new, waits until it is ready, moves the traffic, then drains and stops
   * what left. When something new does not become ready, all stays as it was, and this rejects with `server_failed`. A
   * newer call takes over from an older one, which then ends as the newer does.
   */
  async apply(arms: readonly Arm[]): Promise<void> {
    this.#closing.signal.throwIfAborted();
    this.#wanted = foldArms(arms);
    this.#newer.abort();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    await this.#working;
  }

  /** What the gateway routes by: the arms, each with the servers in rotation. */
  routes(): PoolArm[] {
    return this.#arms.map(({ revision, weight }) => ({
      revision: revision.name,
      models: revision.models,
      weight,
      endpoints: this.#replicas.flatMap(replica => {
        const ours = replica.revision.name === revision.name && replica.joined && replica.healthy;
        return ours && replica.endpoint ? [replica.endpoint] : [];
      }),
    }));
  }

  /** What a failed request tells of a server: that it took no connection, or only that something was odd. */
  suspect(endpoint: Endpoint, unconnected: boolean): void {
    const replica = this.#replicas.find(one => one.endpoint === endpoint);
    if (unconnected) replica?.unconnected();
    else replica?.check();
  }

  async close(): Promise<void> {
    this.#closing.abort(failure('draining', {}));
    await Promise.all(this.#replicas.map(replica => this.#stop(replica)));
    await this.#working?.catch(() => undefined);
    await this.#grounds.close();
  }

  /** Ends every server at once. */
  kill(): void {
    for (const replica of this.#replicas) replica.kill();
  }

  async #work(): Promise<void> {
    for (;;) {
      const wanted = this.#wanted;
      this.#newer = new AbortController();
      const error = await this.#carryOut(wanted, this.#newer.signal).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
      if (wanted === this.#wanted && error === undefined) return;
      if (wanted === this.#wanted) {
        this.#giveUp();
        throw error;
      }
    }
  }

  async #carryOut(wanted: readonly Arm[], newer: AbortSignal): Promise<void> {
    const leaving = this.#carryOutStarts(wanted);
    const ours = this.#replicas.filter(
      replica =>
        !leaving.includes(replica) && wanted.some(arm => arm.revision.name === replica.revision.name),
    );
    await this.#until(() => this.#mayTakeOver(wanted, ours), newer);
    this.#arms = wanted;
    for (const replica of ours) replica.joined = true;
    const stopped = leaving.map(replica => this.#stop(replica));
    this.#changed();
    await Promise.race([Promise.all(stopped), aborted(newer)]);
  }

  /** Starts what the plan starts, and returns what it would stop. */
  #carryOutStarts(wanted: readonly Arm[]): Replica[] {
    const observed = this.#replicas.map(({ revision, id, stopping }) => ({
      revision: revision.name,
      id,
      stopping,
    }));
    const { actions, because } = plan(wanted, observed);
    for (const why of because) this.#options.logger.log('info', 'servers change', { why });
    const leaving: Replica[] = [];
    for (const action of actions) {
      if (action.kind === 'start') this.#start(action.revision, action.id);
      else
        leaving.push(
          ...this.#replicas.filter(one => one.id === action.id && one.revision.name === action.revision),
        );
    }
    return leaving;
  }

  #start(revision: Arm['revision'], id: number): void {
    const onChange = (): void => this.#changed();
    const replica = new Replica({ ...this.#options, grounds: this.#grounds, revision, id, onChange });
    this.#replicas = [...this.#replicas, replica];
    replica.start();
  }

  async #stop(replica: Replica): Promise<void> {
    await replica.stop();
    this.#replicas = this.#replicas.filter(one => one !== replica);
    this.#changed();
  }

  /** Back to the arms in service: what was started for others stops. */
  #giveUp(): void {
    this.#wanted = this.#arms;
    for (const replica of this.#replicas) if (!replica.joined) void this.#stop(replica);
  }

  /** Whether traffic may move: all that is new is ready, and who is to get more of it has a server. */
  #mayTakeOver(wanted: readonly Arm[], replicas: readonly Replica[]): boolean {
    for (const replica of replicas) if (!replica.joined) refuseFailed(replica);
    if (!replicas.every(replica => replica.joined || replica.healthy)) return false;
    const weightNow = new Map(this.#arms.map(arm => [arm.revision.name, arm.weight]));
    const rising = wanted.filter(arm => serves(arm) && arm.weight > (weightNow.get(arm.revision.name) ?? 0));
    return rising.every(arm => this.#isUp(arm));
  }

  #isUp(arm: Arm): boolean {
    const ours = this.#replicas.filter(one => one.revision.name === arm.revision.name && !one.stopping);
    if (ours.some(({ healthy }) => healthy)) return true;
    for (const replica of ours) if (!replica.wasEverReady) refuseFailed(replica);
    return false;
  }

  /**
   * Resolves when `met` says so after a change; rejects when `met` throws, when `signal` or this room's end comes, or when it
   * takes too long.
   */
  #until(met: () => boolean, signal: AbortSignal): Promise<void> {
    const { readyMs = READY_MS } = this.#options;
    const late = AbortSignal.timeout(readyMs);
    const end = AbortSignal.any([signal, this.#closing.signal, late]);
    const reason = (): Error => (late.aborted ? this.#late(readyMs) : (end.reason as Error));
    return this.#conditions.until(met, end, reason);
  }

  #late(ms: number): Error {
    const slow = this.#replicas.find(({ healthy, stopping }) => !healthy && !stopping);
    const problem = `it was not ready within ${ms / 1000} seconds: ${slow?.unready ?? 'it is now'}`;
    return failure('server_failed', { revision: slow?.revision.name ?? '', problem });
  }

  #changed(): void {
    this.#options.onChange();
    this.#conditions.look();
  }
}

/** Whether an arm is to have a server that answers. */
function serves({ weight, replicas }: Arm): boolean {
  return weight > 0 && replicas > 0;
}

function refuseFailed({ failure: problem, revision }: Replica): void {
  if (problem !== undefined) throw failure('server_failed', { revision: revision.name, problem });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
