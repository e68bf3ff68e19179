import {
  type AppError,
  asAppError,
  type Backoff,
  type Clock,
  failure,
  type Logger,
  pauseBefore,
} from '#base';
import type { ModelIdentity } from '#spec';
import type { Member } from '../../roster.ts';
import { Roster } from '../../roster.ts';
import type { Directory } from '../directory.ts';
import type { RunningModel } from '../running.ts';
import type { ModelSettings } from '../settings.ts';
import type { ModelToServe } from './load.ts';
import type { Loader } from './loader.ts';

/** Who may wait for one load, so that a slow one cannot take all the room there is for waiting. */
const MOST_WAITING_EACH = 128;

/** Who may wait for loads, of all models together. */
const MOST_WAITING = 512;

/** After a load failed, nothing is loaded for so long; who asks meanwhile hears why. Milliseconds. */
const PAUSES: Backoff = { first: 1000, most: 60_000 };

/** A model that is replaced while it loads is loaded again, so often at most. */
const MOST_TRIES = 3;

export interface LazyPorts {
  readonly directory: Directory<RunningModel>;
  readonly loader: Loader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a version is now; undefined when there is none. */
  readonly wantedOf: (identity: ModelIdentity) => ModelToServe | undefined;
  /** How models run that do not say otherwise. */
  readonly settings: ModelSettings;
  /** A version is gone for good. */
  readonly forget: (model: ModelIdentity) => void;
  /** Called after each change of what is ready. */
  readonly changed: () => void;
}

interface Failure {
  readonly attempt: number;
  readonly until: number;
  readonly error: AppError;
}

/** Loads models when they are first asked for: many requests share one load, and each waits as long as it likes. */
export class LazyLoading {
  readonly #ports: LazyPorts;
  readonly #loads = new Map<string, Waking>();
  /** Forgotten with what failed. */
  readonly #failures = new WeakMap<ModelToServe, Failure>();
  #waiting = 0;
  #ended = false;

  constructor(ports: LazyPorts) {
    this.#ports = ports;
  }

  /**
   * The model of an identity, loaded if it is not; whoever gets it has entered it, and must leave it. Throws
   * `model_not_ready` for what is not served, `model_unavailable` when its load failed, `overloaded`, `deadline_exceeded`
   * after so many milliseconds or those of the model, or `draining`.
   */
  async wake(identity: ModelIdentity, mostWaitMs: number): Promise<RunningModel> {
    if (this.#waiting >= MOST_WAITING)
      throw failure('overloaded', { limit: `${MOST_WAITING} that wait for models` });
    const waking = this.#waking(identity);
    if (waking.waiting >= MOST_WAITING_EACH)
      throw failure('overloaded', { limit: `${MOST_WAITING_EACH} that wait for one model` });
    this.#waiting++;
    try {
      return await waking.wait(Math.min(mostWaitMs, this.#deadlineOf(identity)));
    } finally {
      this.#waiting--;
    }
  }

  /** Begins to load a model that is cold, for nobody in particular. */
  hint(identity: ModelIdentity): void {
    if (this.#ended || this.#loads.size >= MOST_WAITING) return;
    if (this.#failureOf(identity) === undefined) this.#waking(identity);
  }

  /** Lets go of everyone who waits, and loads nothing more. */
  end(): void {
    this.#ended = true;
    for (const waking of this.#loads.values()) waking.settle({ error: failure('draining', {}) });
  }

  #waking(identity: ModelIdentity): Waking {
    if (this.#ended) throw failure('draining', {});
    const key = `${identity.name} ${identity.version}`;
    const found = this.#loads.get(key);
    if (found !== undefined) return found;
    const failed = this.#failureOf(identity);
    if (failed !== undefined) throw failed;
    const waking = new Waking();
    this.#loads.set(key, waking);
    // Whoever comes after the load is over, however it ended, must not join those who waited for it.
    void this.#load(identity, outcome => {
      this.#loads.delete(key);
      waking.settle(outcome);
    });
    return waking;
  }

  #deadlineOf(identity: ModelIdentity): number {
    return this.#ports.wantedOf(identity)?.settings?.deadlineMs ?? this.#ports.settings.deadlineMs;
  }

  /** Why it is not tried again yet. */
  #failureOf(identity: ModelIdentity): AppError | undefined {
    const wanted = this.#ports.wantedOf(identity);
    const failed = wanted && this.#failures.get(wanted);
    return failed !== undefined && this.#ports.clock.now() < failed.until ? failed.error : undefined;
  }

  /** Never rejects. */
  async #load(identity: ModelIdentity, settle: (outcome: Outcome) => void): Promise<void> {
    try {
      for (let attempt = 0; attempt < MOST_TRIES; attempt++)
        if (await this.#attempt(identity, settle)) return;
      throw failure('model_not_ready', identity);
    } catch (thrown: unknown) {
      this.#ports.directory.asleep(identity);
      settle({ error: asAppError(thrown) });
    }
  }

  /** False when the model was replaced meanwhile. */
  async #attempt(identity: ModelIdentity, settle: (outcome: Outcome) => void): Promise<boolean> {
    const { directory, loader, wantedOf } = this.#ports;
    const ready = directory.readyOf(identity);
    if (ready !== undefined) {
      settle({ model: ready });
      return true;
    }
    if (this.#ended) throw failure('draining', {});
    const wanted = wantedOf(identity);
    if (wanted === undefined) throw failure('model_not_ready', identity);
    directory.waking(identity);
    const model = await this.#tried(wanted);
    const now = wantedOf(identity);
    if (!this.#ended && now === undefined) return this.#serveOnce(model, settle);
    const isLate = this.#ended || now !== wanted || directory.readyOf(identity) !== undefined;
    if (isLate) await loader.retire(model);
    else this.#serve(model, settle);
    return !isLate;
  }

  /** What is not served any more, since just now, still answers who waited for it. */
  #serveOnce(model: RunningModel, settle: (outcome: Outcome) => void): true {
    settle({ model });
    void this.#dismiss(model);
    return true;
  }

  /** Never rejects. */
  async #dismiss(model: RunningModel): Promise<void> {
    const { loader, wantedOf, forget } = this.#ports;
    await loader.retire(model);
    if (wantedOf(model) === undefined) forget({ name: model.name, version: model.version });
  }

  #serve(model: RunningModel, settle: (outcome: Outcome) => void): void {
    this.#ports.directory.serve(model);
    model.metrics.ready.set(1);
    settle({ model });
    this.#ports.changed();
  }

  async #tried(wanted: ModelToServe): Promise<RunningModel> {
    try {
      const model = await this.#ports.loader.load(wanted);
      this.#failures.delete(wanted);
      return model;
    } catch (thrown: unknown) {
      throw this.#failed(wanted, asAppError(thrown));
    }
  }

  /** Remembers that a load failed, unless it was for want of room, and words it for who asked. */
  #failed(wanted: ModelToServe, error: AppError): AppError {
    if (error.code === 'overloaded' || error.code === 'draining') return error;
    const { clock, logger, directory } = this.#ports;
    const { name, version } = wanted;
    const problem = error.message;
    const attempt = (this.#failures.get(wanted)?.attempt ?? -1) + 1;
    const pause = pauseBefore(attempt, PAUSES);
    const told =
      error.code === 'model_too_large'
        ? error
        : failure('model_unavailable', { name, version, problem }, error);
    this.#failures.set(wanted, { attempt, until: clock.now() + pause, error: told });
    directory.failed(wanted, problem);
    logger.log('error', 'model not loaded', { model: name, version, error: problem, again_in_ms: pause });
    return told;
  }
}

type Outcome = { readonly model: RunningModel } | { readonly error: AppError };

/** One load, and those who wait for it. */
class Waking {
  readonly #waiters = new Roster<Waiter>();
  waiting = 0;

  async wait(mostWaitMs: number): Promise<RunningModel> {
    const { promise, resolve, reject } = Promise.withResolvers<RunningModel>();
    const waiter: Waiter = { place: -1, resolve, reject };
    const timer = setTimeout(() => {
      this.#waiters.leave(waiter);
      reject(failure('deadline_exceeded', { seconds: mostWaitMs / 1000 }));
    }, mostWaitMs);
    this.#waiters.join(waiter);
    this.waiting++;
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.waiting--;
    }
  }

  /** Everyone who still waits enters the model here and now, before anyone could unload it again. */
  settle(outcome: Outcome): void {
    for (const waiter of this.#waiters.all()) {
      this.#waiters.leave(waiter);
      if ('error' in outcome) waiter.reject(outcome.error);
      else {
        outcome.model.enter();
        waiter.resolve(outcome.model);
      }
    }
  }
}

interface Waiter extends Member {
  readonly resolve: (model: RunningModel) => void;
  readonly reject: (error: Error) => void;
}
