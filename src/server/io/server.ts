import type { Server as HttpServer } from 'node:http';
import { type AppError, type Clock, failure, type Logger, messageOf } from '#base';
import type { ModelIdentity } from '#spec';
import { Executor } from '../batching/io/executor.ts';
import { modelMetrics } from '../metrics/model-metrics.ts';
import { Registry } from '../metrics/registry.ts';
import { Directory } from '../models/directory.ts';
import { warmUp } from '../models/warm.ts';
import { predict } from '../protocols/predict.ts';
import { tfserving } from '../protocols/tfserving.ts';
import { type ServerIdentity, v2 } from '../protocols/v2.ts';
import { counting } from '../request-ids.ts';
import type { LoadedModel, Runtime } from '../runtimes/port.ts';
import { Front, type RunningModel } from './front.ts';
import { listen, urlOf } from './listener.ts';
import { processMetrics } from './process-metrics.ts';

export interface ModelToServe extends ModelIdentity {
  /** The model file. */
  readonly path: string;
}

export interface ServerConfig {
  readonly models: readonly ModelToServe[];
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
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

/** For the last answers to be written out once their connections are to close. Milliseconds. */
const LAST_BYTES_MS = 1000;

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
  readonly #directory: Directory<Running>;
  readonly #front: Front;
  #http: HttpServer | undefined;
  #closed: Promise<void> | undefined;

  constructor(config: ServerConfig, ports: ServerPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#directory = new Directory(config.models);
    const updateProcess = processMetrics(this.#registry);
    this.#front = new Front({
      protocols: [predict, tfserving, v2(ports.identity)],
      models: this.#directory,
      metricsText: () => (updateProcess(), this.#registry.text()),
      clock: ports.clock,
      logger: ports.logger,
      freshId: counting(ports.idPrefix),
      maxBody: config.maxBody,
      maxInFlight: config.maxInFlight,
    });
  }

  /** Opens the port; resolves with the base URL. Throws `port_taken` or `listen_failed`. */
  async listen(): Promise<string> {
    this.#http = await listen(this.#front.handle, this.#config);
    return urlOf(this.#http);
  }

  /** Loads and warms every model, one after the other. Throws what made the first one fail. */
  async load(): Promise<void> {
    for (const model of this.#config.models) this.#directory.serve(await this.#loadOne(model));
  }

  async #loadOne({ path, name, version }: ModelToServe): Promise<Running> {
    const { clock, runtime, logger } = this.#ports;
    const { threads, maxRows, requestTimeMs } = this.#config;
    const since = clock.now();
    const metrics = modelMetrics(this.#registry, { name, version });
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
      signature: model.signature,
      executor,
      metrics,
      model,
    };
  }

  /**
   * Drains and closes, in an order that loses no request: not ready, but still accepting; then no new connections; then
   * what is in flight is finished; then models are unloaded. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    const { drainDelayMs, graceMs } = this.#config;
    const { logger, sleep } = this.#ports;
    logger.log('info', 'draining', { delay_ms: drainDelayMs });
    this.#front.draining = true;
    await sleep(drainDelayMs);
    const http = this.#http;
    const closed = new Promise<void>(resolve => (http?.listening ? http.close(() => resolve()) : resolve()));
    http?.closeIdleConnections();
    this.#front.closing = true;
    const left = Math.max(0, graceMs - drainDelayMs - LAST_WORDS_MS);
    await Promise.race([this.#front.idle(), sleep(left)]);
    this.#front.abandon();
    await Promise.race([closed, sleep(LAST_BYTES_MS)]);
    http?.closeAllConnections();
    await Promise.all(this.#directory.served().map(({ model }) => model.close()));
    logger.log('info', 'stopped', {});
  }
}
