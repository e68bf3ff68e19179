import { availableParallelism } from 'node:os';
import { boundedLogger, boundYoungGeneration, type Clock, Countdown, type Logger } from '#base';
import { type Addresses, type Arriving, type CorsPolicy, type Guard, isNearby, type TlsFiles } from '#net';
import type { ModelIdentity } from '#spec';
import { Admission } from '../admission.ts';
import { Cores } from '../batching/slots.ts';
import { type ModelMetrics, modelMetrics } from '../metrics/model-metrics.ts';
import { refusalMetrics } from '../metrics/refusal-metrics.ts';
import { Registry } from '../metrics/registry.ts';
import type { VersionLabel } from '../models/directory.ts';
import { foundModels, listedSource, type ModelSource } from '../models/found.ts';
import { Digests } from '../models/io/digests.ts';
import type { ModelToServe } from '../models/io/load.ts';
import { Polling } from '../models/io/polling.ts';
import { ModelRepository } from '../models/io/repository.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { ObserverSettings } from '../observing/observer.ts';
import { type PredictionPorts, Predictions } from '../predictions.ts';
import { servedFiles } from '../protobuf/served.ts';
import { drainRequests } from '../protocols/drain.ts';
import { healthService } from '../protocols/health.ts';
import { openApi } from '../protocols/openapi/routes.ts';
import { operations } from '../protocols/operations.ts';
import type { ServerIdentity } from '../protocols/port.ts';
import { predict } from '../protocols/predict.ts';
import { reflectionServices } from '../protocols/reflection.ts';
import { tfserving } from '../protocols/tfserving/routes.ts';
import { modelService, predictionService } from '../protocols/tfserving/rpc.ts';
import { type V2Options, v2 } from '../protocols/v2/routes.ts';
import { inferenceService } from '../protocols/v2/rpc.ts';
import { Readiness } from '../readiness.ts';
import { counting } from '../request-ids.ts';
import type { Runtime } from '../runtimes/port.ts';
import { Translation } from '../translation/io/translation.ts';
import { Doors } from './doors.ts';
import { drain } from './drain.ts';
import { Front } from './front.ts';
import { Observing, type ObservingPorts } from './observing.ts';
import { expiryMetric, processMetrics } from './process-metrics.ts';
import { residentMemory, thriftyMemory } from './resident.ts';
import { RpcFront } from './rpc/front.ts';

export type { ModelToServe } from '../models/io/load.ts';

export interface ServerConfig {
  readonly models: readonly ModelToServe[];
  /** Names that clients may use in place of versions. */
  readonly labels?: readonly VersionLabel[];
  /** Whether clients may load and unload models. */
  readonly modelControl?: boolean;
  /** Milliseconds between looks at where models lie; without it, only loads by request look. */
  readonly pollMs?: number | undefined;
  /** Loads models when they are asked for, and keeps the whole server within these bytes of resident memory. */
  readonly lazy?: { readonly memoryBytes: number } | undefined;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The port for gRPC: 0 for any free one, undefined for none. */
  readonly grpcPort?: number | undefined;
  /** Both ports speak TLS by these. */
  readonly tls?: TlsFiles | undefined;
  /** With TLS: a port without it that tells of health and nothing else. */
  readonly healthPort?: number | undefined;
  /** Which pages of other origins may read answers; none where this is left out. */
  readonly cors?: CorsPolicy | undefined;
  /** How models run that do not say otherwise. */
  readonly settings: ModelSettings;
  /** Bytes of a request body. */
  readonly maxBody: number;
  readonly maxInFlight: number;
  /** For a request to arrive. */
  readonly requestTimeMs: number;
  /** Still accepting after a drain began. */
  readonly drainDelayMs: number;
  /** From the beginning of a drain to its end, at most. */
  readonly graceMs: number;
  /** What is told of predictions besides metrics; nothing without it. */
  readonly observing?: ObserverSettings | undefined;
}

export interface ServerPorts extends ObservingPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Runtime;
  /** Tells this process' request ids from another's. */
  readonly idPrefix: string;
  readonly identity: ServerIdentity;
  /** Where models lie now; without it, the models the server was made with. */
  readonly source?: ModelSource;
  /** In place of a source: where the versions of a name, one of those the server was made with, lie now. */
  readonly resolve?: (name: string) => Promise<readonly ModelToServe[]>;
  /** Who may ask for what; everybody for everything where there is none. */
  readonly guard?: Guard | undefined;
  /** Told by request that the machine is taken away; without it, nobody can. */
  readonly onNotice?: () => void;
  /** Waits; a test's may not. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Bodies that may be held at once, of all requests together, unless one alone may be larger. Bytes. */
const MOST_BODIES = 256 * 1024 * 1024;

/** A model server: it listens from the start, and answers once its models are loaded and warm. */
export class ModelServer {
  readonly #config: ServerConfig;
  readonly #ports: ServerPorts;
  readonly #registry = new Registry();
  readonly #metrics = new Map<string, ModelMetrics>();
  readonly #repository: ModelRepository;
  readonly #admission: Admission;
  readonly #predictions: Predictions;
  readonly #observing: Observing;
  readonly #readiness = new Readiness();
  readonly #translation = new Translation();
  readonly #polling: Polling | undefined;
  #draining = false;
  #doors: Doors | undefined;
  #ending: Countdown | undefined;
  #closed: Promise<void> = Promise.resolve();

  constructor(config: ServerConfig, ports: ServerPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#repository = this.#makeRepository();
    // Each model's metrics take more memory than a small model does.
    if (config.lazy === undefined) for (const model of config.models) this.#metricsOf(model);
    const { maxBody, maxInFlight, pollMs } = config;
    const scan = async (): Promise<void> => void (await this.#repository.scan());
    this.#polling = pollMs === undefined ? undefined : new Polling(pollMs, { ...ports, scan });
    this.#admission = new Admission(
      { inFlight: maxInFlight, bodyBytes: Math.max(MOST_BODIES, maxBody) },
      () => this.#repository.directory.several,
    );
    this.#observing = new Observing(config.observing, ports);
    this.#predictions = new Predictions({
      observer: this.#observing.observer,
      models: this.#repository.directory,
      metricsOf: model => this.#metricsOf(model),
      admission: this.#admission,
      wake: this.#waker(),
    });
  }

  #waker(): PredictionPorts['wake'] {
    const { lazy } = this.#repository;
    return lazy && ((model, mostWaitMs) => lazy.wake(model, mostWaitMs));
  }

  #makeRepository(): ModelRepository {
    const { models, settings, labels = [], modelControl: controlled = false, lazy } = this.#config;
    const { source = listedSource(foundModels(models, labels), this.#ports.resolve) } = this.#ports;
    return new ModelRepository(
      { models, settings, labels, controlled, lazy },
      {
        ...this.#ports,
        cores: new Cores(availableParallelism()),
        digests: new Digests(),
        source,
        resident: lazy === undefined ? residentMemory : thriftyMemory(lazy.memoryBytes),
        metricsOf: model => this.#metricsOf(model),
        forget: model => this.#forget(model),
        changed: () => this.#modelsChanged(),
      },
    );
  }

  #modelsChanged(): void {
    this.#readiness.changed();
    const { directory } = this.#repository;
    // The names of one may be those of another that is still to come.
    if (directory.ready()) this.#observing.loaded(directory.running());
  }

  #makeFront(): Front {
    const { guard, onNotice } = this.#ports;
    const updates = [
      processMetrics(this.#registry),
      refusalMetrics(this.#registry, guard?.refusals),
      expiryMetric(this.#registry, () => this.#doors?.expirySeconds),
      this.#observing.metrics(this.#registry),
    ];
    const state = {
      draining: () => this.#draining,
      metricsText: () => {
        for (const update of updates) update();
        return this.#registry.text();
      },
    };
    // A guard has let administrators through alone.
    const allows = (asked: Arriving): boolean => guard !== undefined || isNearby(asked);
    const drains = onNotice && drainRequests({ allows, begin: onNotice });
    return new Front({
      ...this.#frontPorts(),
      guard,
      protocols: [
        predict,
        tfserving,
        v2(this.#v2Options()),
        openApi(this.#v2Options()),
        operations(state),
        ...(drains ? [drains] : []),
      ],
      models: this.#repository.directory,
      predictions: this.#predictions,
      translation: this.#translation,
      admission: this.#admission,
      maxBody: this.#config.maxBody,
    });
  }

  /** What fails for every client fills no disk. */
  #frontPorts(): Pick<ServerPorts, 'clock' | 'logger'> & { readonly freshId: () => string } {
    const { clock, logger, idPrefix } = this.#ports;
    return { clock, logger: boundedLogger(logger, clock), freshId: counting(idPrefix) };
  }

  #v2Options(): V2Options {
    return { identity: this.#ports.identity, repository: this.#repository };
  }

  #metricsOf(model: ModelIdentity): ModelMetrics {
    const key = `${model.name} ${model.version}`;
    const found = this.#metrics.get(key) ?? modelMetrics(this.#registry, model);
    this.#metrics.set(key, found);
    return found;
  }

  #forget({ name, version }: ModelIdentity): void {
    this.#metrics.delete(`${name} ${version}`);
    this.#registry.forget({ model_name: name, model_version: version });
  }

  #makeRpcFront(): RpcFront {
    const served = [inferenceService(this.#v2Options()), predictionService, modelService];
    const health = healthService({
      services: served.map(({ name }) => name),
      draining: () => this.#draining,
      readiness: this.#readiness,
    });
    return new RpcFront([...served, health, ...reflectionServices(servedFiles)], {
      ...this.#frontPorts(),
      models: this.#repository.directory,
      predictions: this.#predictions,
    });
  }

  /** Opens the ports. Throws `port_taken`, `listen_failed` or `tls_unusable`. */
  async listen(): Promise<Addresses> {
    boundYoungGeneration();
    this.#doors = await Doors.open({
      ...this.#config,
      ...this.#ports,
      grpcPort: this.#config.grpcPort,
      ready: () => this.#repository.directory.ready() && !this.#draining,
      budget: this.#admission,
      front: this.#makeFront(),
      rpcFront: this.#makeRpcFront(),
      guard: this.#ports.guard,
    });
    return this.#doors.addresses;
  }

  /**
   * Loads and warms every model, one after the other, or none if they are loaded when asked for. Throws what made the first
   * one fail. From then on it looks again where models lie, if it is to.
   */
  async load(): Promise<void> {
    await this.#repository.start();
    void this.#polling?.run();
  }

  /**
   * Drains and closes: not ready, but still accepting; then no new connections; then what is in flight is finished; then
   * models are unloaded. Whoever looked at `/health` during the delay loses no request. Within the grace, or so many
   * milliseconds from this call, whichever is over first; it may be called again with less time.
   */
  close(withinMs: number = this.#config.graceMs): Promise<void> {
    if (this.#ending === undefined) {
      const { graceMs } = this.#config;
      this.#ending = new Countdown(this.#ports.clock, Math.min(graceMs, withinMs));
      this.#closed = this.#drain(this.#ending);
    } else this.#ending.shorten(withinMs);
    return this.#closed;
  }

  async #drain(countdown: Countdown): Promise<void> {
    const { drainDelayMs: delayMs, graceMs } = this.#config;
    const { logger, sleep } = this.#ports;
    logger.log('info', 'draining', { delay_ms: delayMs, within_ms: Math.round(countdown.left) });
    this.#draining = true;
    this.#polling?.stop();
    this.#repository.directory.leave();
    this.#readiness.changed();
    const ending = {
      doors: this.#doors,
      abandon: () => this.#abandon(),
      unload: () =>
        Promise.all([
          this.#repository.close(),
          this.#translation.close(),
          this.#observing.close(countdown.left),
        ]),
    };
    await drain(ending, countdown, { delayMs, graceMs, sleep });
    logger.log('info', 'stopped', {});
  }

  #abandon(): void {
    this.#repository.abandon();
    this.#predictions.abandon();
  }
}
