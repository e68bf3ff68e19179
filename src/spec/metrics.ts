/**
 * Every metric there is: what servers and gateways expose, and what docs, dashboards and alerts are made from. The first
 * two are the users' contract: their names, labels and buckets do not change.
 */

export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, for a histogram. */
  readonly buckets?: readonly number[];
}

/** How a prediction ended, as `status` of `prediction_requests_total`. */
export const outcomes = ['success', 'client_error', 'server_error', 'rejected', 'timeout'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why a run began, as `reason` of `prediction_batches_total`. */
export const flushes = ['idle', 'full', 'delay', 'alone'] as const;
export type Flush = (typeof flushes)[number];

/** Why a request did not run, as `reason` of `prediction_drops_total`. */
export const drops = ['unreachable', 'queue_full', 'late', 'cancelled'] as const;
export type Drop = (typeof drops)[number];

const model = ['model_name', 'model_version'] as const;

export const metrics = {
  prediction_latency_seconds: {
    kind: 'histogram',
    help: 'Seconds from the arrival of a request (its headers) to its answer, for successful predictions.',
    labels: model,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  prediction_requests_total: {
    kind: 'counter',
    help: 'Predictions by outcome: success, client_error, server_error, rejected, timeout.',
    labels: [...model, 'status'],
  },
  prediction_duration_seconds: {
    kind: 'histogram',
    help: 'As prediction_latency_seconds, in finer buckets: most models answer in under 10 ms.',
    labels: model,
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  prediction_queue_seconds: {
    kind: 'histogram',
    help: 'Seconds a request waited for its batch to run.',
    labels: model,
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  prediction_batch_rows: {
    kind: 'histogram',
    help: 'Rows in one run of the model.',
    labels: model,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  prediction_batches_total: {
    kind: 'counter',
    help: 'Runs of the model by why they began: idle (it was free), full (no more rows fit), delay (maxDelay was over), alone (a failed batch, one by one).',
    labels: [...model, 'reason'],
  },
  prediction_drops_total: {
    kind: 'counter',
    help: 'Requests that did not run, by reason: unreachable (their deadline could not be met), queue_full, late (their deadline passed while they waited), cancelled (their client left).',
    labels: [...model, 'reason'],
  },
  prediction_queue_rows: { kind: 'gauge', help: 'Rows that wait for their turn.', labels: model },
  predictions_in_flight: { kind: 'gauge', help: 'Predictions accepted and not yet answered.', labels: model },
  model_load_seconds: { kind: 'gauge', help: 'Seconds it took to load and warm the model.', labels: model },
  model_memory_bytes: {
    kind: 'gauge',
    help: 'Memory that the model is taken to hold: what loading it added, at least the size of its file.',
    labels: model,
  },
  model_evictions_total: {
    kind: 'counter',
    help: 'Times the model was unloaded to make room for another.',
    labels: model,
  },
  model_info: {
    kind: 'gauge',
    help: 'Always 1: digest is that of the model that is loaded, as a service file pins it and /v2/models tells it.',
    labels: [...model, 'digest'],
  },
  model_ready: { kind: 'gauge', help: '1 when the model is loaded and warm, otherwise 0.', labels: model },
  requests_refused_total: {
    kind: 'counter',
    help: 'Requests and calls that were not let in, by the code of the error: credentials_missing, credentials_invalid, credentials_expired, access_denied, rate_exceeded, concurrency_exceeded, issuer_unavailable.',
    labels: ['reason'],
  },
  trace_spans_exported_total: { kind: 'counter', help: 'Spans that a collector took.', labels: [] },
  trace_spans_dropped_total: {
    kind: 'counter',
    help: 'Spans that were lost, by reason: queue_full (more came than were taken), export_failed (the collector took none).',
    labels: ['reason'],
  },
  payload_log_records_total: {
    kind: 'counter',
    help: 'Records of predictions by what became of them: written, dropped (more came than were written), failed.',
    labels: ['outcome'],
  },
  process_cpu_seconds_total: { kind: 'counter', help: 'User and system CPU time.', labels: [] },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Resident memory.', labels: [] },
  process_start_time_seconds: { kind: 'gauge', help: 'Start time since the Unix epoch.', labels: [] },
  tls_certificate_expiry_seconds: {
    kind: 'gauge',
    help: 'Time since the Unix epoch at which the certificate that clients are shown expires; only with TLS.',
    labels: [],
  },
  gateway_requests_total: {
    kind: 'counter',
    help: 'Requests the gateway answered, by the revision that answered and the status code.',
    labels: ['revision', 'code'],
  },
  gateway_requests_refused_total: {
    kind: 'counter',
    help: 'Requests and calls that the gateway did not let in, by reason, as requests_refused_total.',
    labels: ['reason'],
  },
  gateway_retries_total: {
    kind: 'counter',
    help: 'Requests sent to a second server because the connection to the first failed.',
    labels: ['revision'],
  },
  gateway_server_healthy: {
    kind: 'gauge',
    help: '1 when the server is in rotation, otherwise 0.',
    labels: ['revision', 'server'],
  },
  gateway_server_restarts_total: {
    kind: 'counter',
    help: 'Times a server process ended by itself and was started again.',
    labels: ['revision', 'server'],
  },
  gateway_trace_spans_exported_total: {
    kind: 'counter',
    help: 'Spans of the gateway that a collector took.',
    labels: [],
  },
  gateway_trace_spans_dropped_total: {
    kind: 'counter',
    help: 'Spans of the gateway that were lost, by reason, as trace_spans_dropped_total has them.',
    labels: ['reason'],
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
