import { type AppError, type Clock, failure, type Logger, messageOf } from '#base';
import type { ModelIdentity } from '#spec';
import { Executor } from '../batching/io/executor.ts';
import { type ModelMetrics, modelMetrics } from '../metrics/model-metrics.ts';
import { Registry } from '../metrics/registry.ts';
import { Directory, type VersionLabel } from '../models/directory.ts';
import { warmUp } from '../models/warm.ts';
import { Predictions, type RunningModel } from '../predictions.ts';
import { healthService } from '../protocols/health.ts';
import { operations } from '../protocols/operations.ts';
import { predict } from '../protocols/predict.ts';
import { tfserving } from '../protocols/tfserving/routes.ts';
import { type ServerIdentity, v2 } from '../protocols/v2/routes.ts';
import { inferenceService } from '../protocols/v2/rpc.ts';
import { Readiness } from '../readiness.ts';
import { counting } from '../request-ids.ts';
import type { LoadedModel, Runtime } from '../runtimes/port.ts';
import { Admission } from './admission.ts';
import { type Addresses, Doors } from './doors.ts';
import { Front } from './front.ts';
import { processMetrics } from './process-metrics.ts';
import { RpcFront } from './rpc/front.ts';

export interface ModelToServe extends ModelIdentity {
  /** The model file. */
  readonly path: string;
}

export interface ServerConfig {
  readonly models: readonly ModelToServe[];
  /** Names that clients may use in place of versions. */
  readonly labels?: readonly VersionLabel[];
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The port for gRPC: 0 for any free one, undefined for none. */
  readonly grpcPort?: number | undefined;
  /** Threads of one inference. */
  readonly threads: number;
  /** Rows of one run; 1 turns batching off. */
  readonly maxRows: number;
  /** Bytes of a request body. */
  readonly maxBody: number;
  readonly maxInFlight: number;
  /** For a request to arrive, and again to wait for its turn. */
  readonly requestTimeMs: number;
  /** Still accepting after a drain began. */
  readonly drainDelayMs: number;
  /** From the beginning of a drain to its end, at most. */
  readonly graceMs: number;
}

export interface ServerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Runtime;
  /** Tells this process' request ids from another's. */
  readonly idPrefix: string;
  readonly identity: ServerIdentity;
  /** Waits; a test's may not. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Before the grace ends, what is still in flight is answered 503 rather than cut off. Milliseconds. */
const LAST_WORDS_MS = 2000;

/** Bodies that may be held at once, of all requests together, unless one alone may be larger. Bytes. */
const MOST_BODIES = 256 * 1024 * 1024;

interface Running extends RunningModel {
  readonly model: LoadedModel;
}

function coldModel(path: string, error: unknown): AppError {
  return failure('model_warmup_failed', { path, problem: messageOf(error) }, error);
}

/** A model server: it listens from the start, and answers once its models are loaded and warm. */
export class ModelServer {
  readonly #config: ServerConfig;
  readonly #ports: ServerPorts;
  readonly #registry = new Registry();
  readonly #metrics: ReadonlyMap<string, ModelMetrics>;
  readonly #directory: Directory<Running>;
  readonly #admission: Admission;
  readonly #predictions: Predictions;
  readonly #readiness = new Readiness();
  #draining = false;
  #doors: Doors | undefined;
  #closed: Promise<void> | undefined;

  constructor(config: ServerConfig, ports: ServerPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#directory = new Directory(config.models, config.labels);
    this.#metrics = new Map(config.models.map(model => [keyOf(model), modelMetrics(this.#registry, model)]));
    const { maxBody, maxInFlight } = config;
    this.#admission = new Admission({ inFlight: maxInFlight, bodyBytes: Math.max(MOST_BODIES, maxBody) });
    this.#predictions = new Predictions({
      models: this.#directory,
      metricsOf: model => this.#metricsOf(model),
      admission: this.#admission,
    });
  }

  #makeFront(): Front {
    const updateProcess = processMetrics(this.#registry);
    const state = {
      draining: () => this.#draining,
      metricsText: () => (updateProcess(), this.#registry.text()),
    };
    return new Front({
      ...this.#ports,
      freshId: counting(this.#ports.idPrefix),
      protocols: [predict, tfserving, v2(this.#ports.identity), operations(state)],
      models: this.#directory,
      predictions: this.#predictions,
      admission: this.#admission,
      maxBody: this.#config.maxBody,
    });
  }

  #metricsOf(model: ModelIdentity): ModelMetrics {
    return this.#metrics.get(keyOf(model)) ?? modelMetrics(this.#registry, model);
  }

  #makeRpcFront(): RpcFront {
    const inference = inferenceService(this.#ports.identity);
    const health = healthService({
      services: [inference.name],
      draining: () => this.#draining,
      readiness: this.#readiness,
    });
    return new RpcFront([inference, health], {
      ...this.#ports,
      freshId: counting(this.#ports.idPrefix),
      models: this.#directory,
      predictions: this.#predictions,
    });
  }

  /** Opens the ports. Throws `port_taken` or `listen_failed`. */
  async listen(): Promise<Addresses> {
    this.#doors = await Doors.open({
      ...this.#config,
      grpcPort: this.#config.grpcPort,
      budget: this.#admission,
      front: this.#makeFront(),
      rpcFront: this.#makeRpcFront(),
    });
    return this.#doors.addresses;
  }

  /** Loads and warms every model, one after the other. Throws what made the first one fail. */
  async load(): Promise<void> {
    for (const model of this.#config.models) {
      this.#directory.serve(await this.#loadOne(model));
      this.#readiness.changed();
    }
  }

  async #loadOne({ path, name, version }: ModelToServe): Promise<Running> {
    const { clock, runtime, logger } = this.#ports;
    const { threads, maxRows, requestTimeMs } = this.#config;
    const since = clock.now();
    const metrics = this.#metricsOf({ name, version });
    const model = await runtime.load(path, { threads });
    const warmth = await warmUp(model).catch((error: unknown) => Promise.reject(coldModel(path, error)));
    const seconds = (clock.now() - since) / 1000;
    metrics.loadSeconds.set(seconds);
    metrics.ready.set(1);
    const { batched, because } = warmth;
    logger.log('info', 'model ready', {
      model: name,
      version,
      path,
      seconds: Number(seconds.toFixed(3)),
      batched,
      because,
    });
    const events = {
      queued: (wait: number) => metrics.queue.observe(wait),
      ran: (rows: number) => metrics.rows.observe(rows),
    };
    const executor = new Executor({
      model,
      batched: batched && maxRows > 1,
      maxRows,
      mostWaitMs: requestTimeMs,
      clock,
      events,
    });
    return {
      name,
      version,
      platform: runtime.platform,
      signature: { ...model.signature, batched },
      executor,
      model,
    };
  }

  /**
   * Drains and closes: not ready, but still accepting; then no new connections; then what is in flight is finished; then
   * models are unloaded. Whoever looked at `/health` during the delay loses no request. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    const { drainDelayMs, graceMs } = this.#config;
    const { logger, sleep } = this.#ports;
    logger.log('info', 'draining', { delay_ms: drainDelayMs });
    this.#draining = true;
    this.#readiness.changed();
    this.#doors?.leave();
    await sleep(drainDelayMs);
    // Connections that the system has taken but this process has not seen yet would be reset.
    await nextTurn();
    const left = Math.max(0, graceMs - drainDelayMs);
    const lastWords = setTimeout(() => this.#predictions.abandon(), left - Math.min(LAST_WORDS_MS, left / 5));
    await this.#doors?.close(left);
    clearTimeout(lastWords);
    await Promise.all(this.#directory.running().map(({ model }) => model.close()));
    logger.log('info', 'stopped', {});
  }
}

function keyOf({ name, version }: ModelIdentity): string {
  return `${name} ${version}`;
}

/** Two turns of the event loop: in the first, waiting connections are taken; in the second, what they sent is read. */
async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve));
}
