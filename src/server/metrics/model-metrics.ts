import type { AppError } from '#base';
import { type Drop, drops, type Flush, flushes, type ModelIdentity, type Outcome, outcomes } from '#spec';
import type { Counter, Gauge, Histogram, Registry } from './registry.ts';

/** The series of one model. */
export interface ModelMetrics {
  readonly latency: Histogram;
  readonly duration: Histogram;
  readonly queue: Histogram;
  readonly rows: Histogram;
  readonly inFlight: Gauge;
  readonly queueRows: Gauge;
  readonly loadSeconds: Gauge;
  readonly memory: Gauge;
  readonly evictions: Counter;
  readonly ready: Gauge;
  /** Tells which model answers to the name: one digest at a time. */
  readonly loaded: (digest: string | undefined) => void;
  readonly requests: Readonly<Record<Outcome, Counter>>;
  readonly batches: Readonly<Record<Flush, Counter>>;
  readonly drops: Readonly<Record<Drop, Counter>>;
}

/** Makes the series of a model; every outcome starts at 0, so that rates have a first value. */
export function modelMetrics(registry: Registry, { name, version }: ModelIdentity): ModelMetrics {
  const labels = { model_name: name, model_version: version };
  const requestsOf = (status: Outcome) =>
    registry.counter('prediction_requests_total', { ...labels, status });
  const batchesOf = (reason: Flush) => registry.counter('prediction_batches_total', { ...labels, reason });
  const dropsOf = (reason: Drop) => registry.counter('prediction_drops_total', { ...labels, reason });
  return {
    latency: registry.histogram('prediction_latency_seconds', labels),
    duration: registry.histogram('prediction_duration_seconds', labels),
    queue: registry.histogram('prediction_queue_seconds', labels),
    rows: registry.histogram('prediction_batch_rows', labels),
    inFlight: registry.gauge('predictions_in_flight', labels),
    queueRows: registry.gauge('prediction_queue_rows', labels),
    loadSeconds: registry.gauge('model_load_seconds', labels),
    memory: registry.gauge('model_memory_bytes', labels),
    evictions: registry.counter('model_evictions_total', labels),
    ready: registry.gauge('model_ready', labels),
    loaded: loadedIn(registry, labels),
    requests: each(outcomes, requestsOf),
    batches: each(flushes, batchesOf),
    drops: each(drops, dropsOf),
  };
}

function loadedIn(
  registry: Registry,
  labels: Readonly<Record<string, string>>,
): (digest: string | undefined) => void {
  let told: string | undefined;
  return digest => {
    if (told !== undefined && told !== digest) registry.forget({ ...labels, digest: told });
    told = digest;
    if (digest !== undefined) registry.gauge('model_info', { ...labels, digest }).set(1);
  };
}

function each<K extends string>(keys: readonly K[], make: (key: K) => Counter): Readonly<Record<K, Counter>> {
  return Object.fromEntries(keys.map(key => [key, make(key)])) as Record<K, Counter>;
}

/** Refused before anything was done for it: the client may try elsewhere. */
const refusals: ReadonlySet<string> = new Set([
  'overloaded',
  'queue_full',
  'deadline_unreachable',
  'draining',
  'model_not_ready',
]);

/** How a failed prediction counts. */
export function outcomeOf({ code, status }: AppError): Outcome {
  if (refusals.has(code)) return 'rejected';
  if (code === 'deadline_exceeded') return 'timeout';
  return status < 500 ? 'client_error' : 'server_error';
}
