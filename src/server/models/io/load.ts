import type { Drop, Flush, ModelIdentity } from '#spec';
import { Executor } from '../../batching/io/executor.ts';
import { batchKey } from '../../batching/join.ts';
import type { Cores } from '../../batching/slots.ts';
import type { ModelMetrics } from '../../metrics/model-metrics.ts';
import type { Runtime } from '../../runtimes/port.ts';
import { pythonRuntime } from '../../runtimes/python/io/python.ts';
import type { PythonModel } from '../../runtimes/python/python-model.ts';
import { ModelStatistics, type RunTimes } from '../../statistics/model-statistics.ts';
import { type Labels, labelled } from '../labels.ts';
import { RunningModel } from '../running.ts';
import type { ModelSettings } from '../settings.ts';
import type { Signature } from '../signature.ts';
import type { WarmupSample } from '../warmup-sample.ts';
import type { Digests, ReadModel } from './digests.ts';
import { labelsOf } from './labels-file.ts';
import { loadPlaced, type Placed, type PlacingPorts } from './placing.ts';
import { runSamples } from './warmup.ts';

export interface ModelToServe extends ModelIdentity {
  /** The model file. */
  readonly path: string;
  /** Where it is not to run as the others of its server. */
  readonly settings?: Partial<ModelSettings>;
  /** Tells what lies at the path from what lay there before: a digest, or size and time of change. */
  readonly identity?: string;
  /** Where it was fetched from, if that is not this machine. */
  readonly uri?: string;
  /** What was read of it where it was found. It tells nothing of its own: it is not compared. */
  readonly read?: ReadModel;
  /** How Python runs it, if that does. */
  readonly python?: PythonModel;
  /** What it must answer before it is ready. */
  readonly warmup?: readonly WarmupSample[];
  /** Of outputs, the files with the names of their classes. */
  readonly labelFiles?: Readonly<Record<string, string>>;
}

export interface LoadPorts extends PlacingPorts {
  /** What the models of the server share. */
  readonly cores: Cores;
  readonly metricsOf: (model: ModelIdentity) => ModelMetrics;
  /** Without it, no digests are told but those that are known. */
  readonly digests?: Digests;
}

/** What executes a model: the server's runtime, or one of Python, whose output goes to the log. */
export function runtimeFor(
  { python, name, version }: ModelToServe,
  { runtime, logger }: Pick<LoadPorts, 'runtime' | 'logger'>,
): Runtime {
  if (python === undefined) return runtime;
  return pythonRuntime(python, line => logger.log('info', 'model said', { model: name, version, line }));
}

/** Loads a model and warms it up. Throws what says why it cannot be served; then nothing of it is left. */
export async function loadModel(
  wanted: ModelToServe,
  usual: ModelSettings,
  ports: LoadPorts,
): Promise<RunningModel> {
  const { clock } = ports;
  const since = clock.now();
  const settings = { ...usual, ...wanted.settings };
  const { name, version, path } = wanted;
  const labels = await labelsOf(path, wanted.labelFiles ?? {});
  const before = await ports.digests?.before(wanted);
  const placed = await loadPlaced({ path, facts: { model: name, version } }, settings, ports);
  const { model } = placed;
  try {
    const { digest } = (await ports.digests?.after(wanted, before)) ?? {};
    const served = running({ wanted, digest, ...placed }, { labels, settings, ports });
    await runSamples(model, served, wanted.warmup ?? []);
    tell({ wanted, digest, ...placed, seconds: (clock.now() - since) / 1000 }, labels, ports);
    return served;
  } catch (error: unknown) {
    await model.close();
    throw error;
  }
}

interface Loaded extends Placed {
  readonly wanted: ModelToServe;
  readonly digest: string | undefined;
}

interface Surroundings {
  readonly labels: Labels;
  readonly settings: ModelSettings;
  readonly ports: LoadPorts;
}

function running(
  { wanted, digest, model, warmth }: Loaded,
  { labels, settings, ports }: Surroundings,
): RunningModel {
  const { name, version, uri } = wanted;
  const { clock, runtime, metricsOf, cores } = ports;
  const metrics = metricsOf({ name, version });
  const statistics = new ModelStatistics();
  const events = {
    queued: (seconds: number) => metrics.queue.observe(seconds),
    ran: (rows: number, times: RunTimes, flush: Flush) => {
      metrics.rows.observe(rows);
      metrics.batches[flush].add(1);
      statistics.ran(rows, times, clock.date().getTime());
    },
    dropped: (reason: Drop) => metrics.drops[reason].add(1),
    waiting: (rows: number) => metrics.queueRows.set(rows),
  };
  const { batched, shapes } = warmth;
  const executor = new Executor({
    name,
    model,
    batched: batched && settings.maxRows > 1,
    settings,
    measured: { key: batchKey(shapes.map(shape => ({ shape }))), runs: warmth.measured ?? [] },
    cores,
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
    settings,
    model,
    origin: { ...(digest !== undefined && { digest }), ...(uri !== undefined && { uri }) },
  });
}

function signatureOf(declared: Signature, batched: boolean, labels: Labels): Signature {
  return { ...declared, batched, outputs: labelled(declared.outputs, labels) };
}

function tell(
  { wanted, digest, model, warmth, seconds, memory }: Loaded & { readonly seconds: number },
  { beside, named }: Labels,
  { logger, metricsOf }: LoadPorts,
): void {
  const { name, version, path, uri } = wanted;
  const { batched, because, failed } = warmth;
  const { loadSeconds, memory: bytes, loaded } = metricsOf({ name, version });
  loadSeconds.set(seconds);
  loaded(digest);
  bytes.set(memory);
  const rounded = Number(seconds.toFixed(3));
  const { place, width, because: why } = model;
  const facts = {
    model: name,
    version,
    path,
    uri,
    digest,
    seconds: rounded,
    batched,
    because,
    place,
    width,
    place_because: why,
  };
  logger.log('info', 'model ready', facts);
  if (failed !== undefined)
    logger.log('warn', 'model failed on made-up input', { model: name, version, path, problem: failed });
  const { outputs } = model.signature;
  if (
    beside !== undefined &&
    named.size === 0 &&
    !outputs.some(({ shape }) => shape.at(-1) === beside.length)
  )
    logger.log('warn', 'labels fit no output', { model: name, version, path, labels: beside.length });
}
