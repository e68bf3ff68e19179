import type { Holder } from '../admission.ts';
import type { Engine } from '../batching/port.ts';
import type { ModelMetrics } from '../metrics/model-metrics.ts';
import type { LoadedModel } from '../runtimes/port.ts';
import type { ModelStatistics } from '../statistics/model-statistics.ts';
import type { ModelSettings, RunFacts } from './settings.ts';
import type { Origin, ServedModel, Signature } from './signature.ts';

/** One load of a model, and everything that answers for it. */
interface Parts extends Omit<ServedModel, 'running' | 'origin'> {
  readonly shapes: readonly (readonly number[])[];
  readonly executor: Engine;
  readonly statistics: ModelStatistics;
  readonly metrics: ModelMetrics;
  readonly settings: ModelSettings;
  readonly model: LoadedModel;
  readonly origin?: Origin;
}

/**
 * One load of a model. Whoever answers with it enters and leaves, so that it can be closed after it was replaced, and
 * not before the last of them has left.
 */
export class RunningModel implements ServedModel, Holder {
  /** Uses of all models, counted, to tell which of two was used later. */
  static #uses = 0;
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly signature: Signature;
  readonly shapes: readonly (readonly number[])[];
  readonly origin: Origin;
  readonly executor: Engine;
  readonly statistics: ModelStatistics;
  readonly metrics: ModelMetrics;
  /** Predictions that it has taken on, counted by the server's admission. */
  inFlight = 0;
  readonly #settings: ModelSettings;
  readonly #model: LoadedModel;
  #users = 0;
  #lastUse = RunningModel.#uses++;
  /** While somebody waits for it. */
  #unused: PromiseWithResolvers<void> | undefined;
  #retired: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.version = parts.version;
    this.platform = parts.platform;
    this.signature = parts.signature;
    this.shapes = parts.shapes;
    this.origin = parts.origin ?? {};
    this.executor = parts.executor;
    this.statistics = parts.statistics;
    this.metrics = parts.metrics;
    this.#settings = parts.settings;
    this.#model = parts.model;
  }

  get running(): RunFacts {
    const { place, width, because = '' } = this.#model;
    return { settings: this.#settings, place, because, width, hopeless: this.hopeless };
  }

  /** Its instances end as soon as they are started: it answers to nobody until one lives. */
  get hopeless(): boolean {
    return this.#model.hopeless ?? false;
  }

  get inUse(): boolean {
    return this.#users > 0;
  }

  /** A larger number for what was used later. */
  get lastUse(): number {
    return this.#lastUse;
  }

  enter(): void {
    this.#users++;
    this.#lastUse = RunningModel.#uses++;
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0 || this.#unused === undefined) return;
    this.#unused.resolve();
    this.#unused = undefined;
  }

  /** Resolves once nobody uses it; by then somebody else may. */
  async unused(): Promise<void> {
    if (this.#users === 0) return;
    this.#unused ??= Promise.withResolvers();
    await this.#unused.promise;
  }

  /** Closes the model once nobody uses it and nothing runs on it. Nobody may enter any more. Idempotent. */
  retire(): Promise<void> {
    this.#retired ??= this.#retire();
    return this.#retired;
  }

  /** Closes the model at once, also while it retires: it may have a run that does not end. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #retire(): Promise<void> {
    await this.unused();
    await this.executor.idle();
    await this.close();
  }

  #close(): Promise<void> {
    this.executor.close();
    return this.#model.close();
  }
}
