import type { Clock, Logger } from '#base';
import type { ModelIdentity } from '#spec';
import { Executor } from '../../batching/io/executor.ts';
import type { ModelMetrics } from '../../metrics/model-metrics.ts';
import type { LoadedModel, Runtime } from '../../runtimes/port.ts';
import { ModelStatistics, type RunTimes } from '../../statistics/model-statistics.ts';
import { labelled } from '../labels.ts';
import { RunningModel } from '../running.ts';
import type { Signature } from '../signature.ts';
import { type Warmth, warmUp } from '../warm.ts';
import { labelsBeside } from './labels-file.ts';

export interface ModelToServe extends ModelIdentity {
  /** The model file. */
  readonly path: string;
}

/** How models run, all of a server alike. */
export interface RunLimits {
  /** Threads of one inference. */
  readonly threads: number;
  /** Rows of one run; 1 turns batching off. */
  readonly maxRows: number;
  /** For a request to wait for its turn. */
  readonly requestTimeMs: number;
}

export interface LoadPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly metricsOf: (model: ModelIdentity) => ModelMetrics;
}

/** Loads a model and warms it up. Throws what says why it cannot be served; then nothing of it is left. */
export async function loadModel(
  wanted: ModelToServe,
  limits: RunLimits,
  ports: LoadPorts,
): Promise<RunningModel> {
  const { clock, runtime } = ports;
  const since = clock.now();
  const labels = await labelsBeside(wanted.path);
  const model = await runtime.load(wanted.path, { threads: limits.threads });
  try {
    const warmth = await warmUp(model);
    const seconds = (clock.now() - since) / 1000;
    const loaded: Loaded = { wanted, model, warmth, seconds };
    tell(loaded, labels, ports);
    return running(loaded, { labels, limits, ports });
  } catch (error: unknown) {
    await model.close();
    throw error;
  }
}

interface Loaded {
  readonly wanted: ModelToServe;
  readonly model: LoadedModel;
  readonly warmth: Warmth;
  readonly seconds: number;
}

interface Surroundings {
  readonly labels: readonly string[] | undefined;
  readonly limits: RunLimits;
  readonly ports: LoadPorts;
}

function running({ wanted, model, warmth }: Loaded, { labels, limits, ports }: Surroundings): RunningModel {
  const { name, version } = wanted;
  const { clock, runtime, metricsOf } = ports;
  const metrics = metricsOf({ name, version });
  const statistics = new ModelStatistics();
  const events = {
    queued: (seconds: number) => metrics.queue.observe(seconds),
    ran: (rows: number, times: RunTimes) => {
      metrics.rows.observe(rows);
      statistics.ran(rows, times, clock.date().getTime());
    },
  };
  const { batched, shapes } = warmth;
  const executor = new Executor({
    model,
    batched: batched && limits.maxRows > 1,
    maxRows: limits.maxRows,
    mostWaitMs: limits.requestTimeMs,
    clock,
    events,
  });
  const signature = signatureOf(model.signature, batched, labels);
  const { platform } = runtime;
  return new RunningModel({
    name,
    version,
    platform,
    signature,
    shapes,
    executor,
    statistics,
    metrics,
    model,
  });
}

function signatureOf(
  declared: Signature,
  batched: boolean,
  labels: readonly string[] | undefined,
): Signature {
  if (labels === undefined) return { ...declared, batched };
  return { ...declared, batched, outputs: labelled(declared.outputs, labels) };
}

function tell(
  { wanted, model, warmth, seconds }: Loaded,
  labels: readonly string[] | undefined,
  { logger, metricsOf }: LoadPorts,
): void {
  const { name, version, path } = wanted;
  const { batched, because, failed } = warmth;
  metricsOf({ name, version }).loadSeconds.set(seconds);
  const rounded = Number(seconds.toFixed(3));
  logger.log('info', 'model ready', { model: name, version, path, seconds: rounded, batched, because });
  if (failed !== undefined)
    logger.log('warn', 'model failed on made-up input', { model: name, version, path, problem: failed });
  if (labels !== undefined && !model.signature.outputs.some(({ shape }) => shape.at(-1) === labels.length))
    logger.log('warn', 'labels fit no output', { model: name, version, path, labels: labels.length });
}
