import type { AppError } from '#base';
import { type ModelIdentity, type Outcome, outcomes } from '#spec';
import type { Counter, Gauge, Histogram, Registry } from './registry.ts';

/** The series of one model. */
export interface ModelMetrics {
  readonly latency: Histogram;
  readonly duration: Histogram;
  readonly queue: Histogram;
  readonly rows: Histogram;
  readonly inFlight: Gauge;
  readonly loadSeconds: Gauge;
  readonly ready: Gauge;
  readonly requests: Readonly<Record<Outcome, Counter>>;
}

/** Makes the series of a model; every outcome starts at 0, so that rates have a first value. */
export function modelMetrics(registry: Registry, { name, version }: ModelIdentity): ModelMetrics {
  const labels = { model_name: name, model_version: version };
  const counters = outcomes.map(status => [
    status,
    registry.counter('prediction_requests_total', { ...labels, status }),
  ]);
  return {
    latency: registry.histogram('prediction_latency_seconds', labels),
    duration: registry.histogram('prediction_duration_seconds', labels),
    queue: registry.histogram('prediction_queue_seconds', labels),
    rows: registry.histogram('prediction_batch_rows', labels),
    inFlight: registry.gauge('predictions_in_flight', labels),
    loadSeconds: registry.gauge('model_load_seconds', labels),
    ready: registry.gauge('model_ready', labels),
    requests: Object.fromEntries(counters) as Record<Outcome, Counter>,
  };
}

/** How a failed prediction counts. */
export function outcomeOf({ code, status }: AppError): Outcome {
  if (code === 'overloaded' || code === 'draining' || code === 'model_not_ready') return 'rejected';
  if (code === 'deadline_exceeded') return 'timeout';
  return status < 500 ? 'client_error' : 'server_error';
}
