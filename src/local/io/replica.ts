import { randomBytes } from 'node:crypto';
import { type Clock, type Logger, messageOf } from '#base';
import { type Launch, milliseconds, type Revision } from '#spec';
import type { ServerAddress } from '../announced.ts';
import { Endpoint } from '../endpoint.ts';
import {
  after,
  isHung,
  type Life,
  type LifeEvent,
  newLife,
  type ProbeResult,
  restartPause,
} from '../life.ts';
import type { ServerStatus } from '../words.ts';
import type { Ground, Grounds } from './grounds.ts';
import { HealthWatch } from './health-watch.ts';
import { type ServerProcess, startProcess } from './server-process.ts';
import { within } from './within.ts';

/** A server ends itself at its grace; only one that does not is killed, this much later. */
const KILL_AFTER_GRACE_MS = 1000;
/** Starts in a row that may fail because somebody else took a port, before that is what is wrong. */
const MOST_CONTESTS = 5;

/** A server that is not ready after so long is told of. */
const REMIND_MS = 30_000;

export interface ReplicaOptions {
  readonly revision: Revision;
  readonly id: number;
  readonly grounds: Grounds;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onServerLog: (revision: string, line: string) => void;
  /** Called after every change of `status()` or of `endpoint`. */
  readonly onChange: () => void;
}

/** One server of a revision over all its processes: started, watched, started again when it ends, and stopped. */
export class Replica {
  readonly revision: Revision;
  readonly id: number;
  /** Whether it has been ready once. */
  wasEverReady = false;
  /** Why its last process ended, until another is ready. */
  failure: string | undefined;
  /** What it answered when it was last asked whether it is ready, and was not. */
  unready = 'it was not asked yet';
  /** Whether it takes part in the traffic. A new one joins when all that is new is ready. */
  joined = false;
  readonly #options: ReplicaOptions;
  readonly #graceMs: number;
  #life: Life = newLife;
  #process: ServerProcess | undefined;
  #endpoint: Endpoint | undefined;
  #watch: HealthWatch | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  #contests = 0;
  #remindAt = Infinity;

  constructor(options: ReplicaOptions) {
    this.revision = options.revision;
    this.id = options.id;
    this.#options = options;
    this.#graceMs = milliseconds(options.revision.server.drain.grace);
  }

  start(): void {
    void this.#begin();
  }

  get healthy(): boolean {
    return this.#life.state === 'healthy';
  }

  get stopping(): boolean {
    return this.#stopped !== undefined;
  }

  /** Its present process, once it listens. */
  get endpoint(): Endpoint | undefined {
    return this.#endpoint;
  }

  status(): ServerStatus {
    const { state, restarts } = this.#life;
    const pid = this.#process?.pid;
    const url = this.#endpoint && `http://${this.#endpoint.host}:${this.#endpoint.port}`;
    return {
      id: this.id,
      state,
      restarts,
      inFlight: this.#endpoint?.inFlight ?? 0,
      ...(pid !== undefined && { pid }),
      ...(url !== undefined && { url }),
    };
  }

  /** A request could not connect to it: out of rotation, until a probe says otherwise. */
  unconnected(): void {
    this.#happen({ kind: 'unconnected' });
    this.#watch?.check();
  }

  /** A request met something odd: ask how it is. */
  check(): void {
    this.#watch?.check();
  }

  /**
   * Out of rotation at once; then its requests finish, or their grace ends; then SIGTERM, and SIGKILL when it outstays
   * its own grace. Resolves when the process is gone; safe to call again.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Ends its process, which starts anew unless it is stopping. */
  kill(): void {
    this.#process?.kill();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart);
    this.#happen({ kind: 'stop' });
    if (this.#endpoint) await within(this.#graceMs, this.#endpoint.idle());
    await this.#end();
    this.#watch?.close();
    this.#endpoint = undefined;
    this.#happen({ kind: 'stopped' });
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    child.terminate();
    const kill = setTimeout(() => child.kill(), this.#graceMs + KILL_AFTER_GRACE_MS);
    await child.exited;
    clearTimeout(kill);
  }

  async #begin(): Promise<void> {
    let ground: Ground;
    try {
      ground = await this.#options.grounds.prepare(this.revision);
    } catch (error: unknown) {
      this.#happen({ kind: 'ended' });
      return this.#failed(messageOf(error));
    }
    if (this.stopping) await ground.release();
    else this.#run(ground);
  }

  #run(ground: Ground): void {
    const { revision, onServerLog } = this.#options;
    const { launch } = ground;
    // A new one for each process: it is known to this process and that one, and written nowhere. One of others passes it over.
    const secret = revision.server.auth && randomBytes(32).toString('base64url');
    const child = startProcess(ground, { secret, onLine: line => onServerLog(revision.name, line) });
    this.#process = child;
    this.#remindAt = this.#options.clock.now() + REMIND_MS;
    this.#log('info', 'server started', { pid: child.pid });
    this.#happen({ kind: 'started' });
    void child.address.then(
      found => found && this.#process === child && this.#listens(found, launch, secret),
    );
    void child.exited.then(() => this.#exited());
    void child.ended.then(problem => this.#ended(problem, ground));
  }

  #listens({ http, grpc }: ServerAddress, launch: Launch, secret: string | undefined): void {
    const at = { host: http.hostname, port: Number(http.port) };
    const { probes, metrics, answerMs, mostBody } = launch;
    this.#endpoint = new Endpoint({
      ...at,
      metrics,
      answerMs,
      mostBody,
      grpcPort: grpc && Number(grpc.port),
      revision: this.revision.name,
      server: this.id,
      secret,
    });
    this.#watch = new HealthWatch({ ...at, path: probes.ready }, probed => this.#probed(probed));
    this.#options.onChange();
  }

  #probed({ result, said }: { result: ProbeResult; said: string }): void {
    if (result === 'ready') [this.wasEverReady, this.failure, this.#contests] = [true, undefined, 0];
    else this.#waiting(said);
    this.#happen({ kind: 'probed', result });
    if (!isHung(this.#life)) return;
    this.#log('warn', 'server hangs and is ended', {});
    this.#process?.kill();
  }

  /** What is loading may take long and say nothing, and so does what is asked at a path that it has not: told once. */
  #waiting(said: string): void {
    this.unready = said;
    if (this.#life.wasReady || this.#options.clock.now() < this.#remindAt) return;
    this.#remindAt = Infinity;
    this.#log('warn', 'server is not ready yet', { problem: said });
  }

  /** The process is gone: out of rotation at once, before it is known why. */
  #exited(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#process = undefined;
    this.#happen({ kind: 'ended' });
    if (!this.stopping) this.#endpoint = undefined;
    this.#options.onChange();
  }

  async #ended(problem: string, ground: Ground): Promise<void> {
    const isContested = !this.stopping && !this.#life.wasReady && (await ground.isContested());
    await ground.release();
    if (this.stopping) return;
    if (!isContested || ++this.#contests > MOST_CONTESTS) return this.#failed(problem);
    this.#log('info', 'a port was taken by another process; starting on others', { problem });
    void this.#begin();
  }

  #failed(problem: string): void {
    if (this.stopping) return;
    this.failure = problem;
    const pauseMs = restartPause(this.#life);
    this.#log('warn', 'server ended by itself', { problem, restartInMs: pauseMs });
    this.#restart = setTimeout(() => void this.#begin(), pauseMs);
    this.#options.onChange();
  }

  #happen(event: LifeEvent): void {
    const before = this.#life;
    this.#life = after(before, event, this.#options.clock.now());
    if (before.state === this.#life.state && before.restarts === this.#life.restarts) return;
    this.#log('info', 'server changed', { from: before.state, to: this.#life.state });
    this.#options.onChange();
  }

  #log(level: 'info' | 'warn', message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.logger.log(level, message, { revision: this.revision.name, server: this.id, ...facts });
  }
}
