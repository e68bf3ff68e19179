/** Every metric that rules and dashboards name: fairlead's own by the list of `spec`, and those of others by what these expose. */
import { type Metric, metrics } from '#spec';

type Named = Readonly<Record<string, Pick<Metric, 'kind' | 'labels'>>>;

/** NVIDIA's Triton, docs/user_guide/metrics.md. Failures have a reason since 24.03. */
const triton = {
  nv_inference_request_success: { kind: 'counter', labels: ['model', 'version'] },
  nv_inference_request_failure: { kind: 'counter', labels: ['model', 'version', 'reason'] },
  nv_inference_request_duration_us: { kind: 'counter', labels: ['model', 'version'] },
  nv_inference_queue_duration_us: { kind: 'counter', labels: ['model', 'version'] },
  nv_inference_pending_request_count: { kind: 'gauge', labels: ['model', 'version'] },
  nv_inference_count: { kind: 'counter', labels: ['model', 'version'] },
  nv_inference_exec_count: { kind: 'counter', labels: ['model', 'version'] },
} as const satisfies Named;

/** TensorFlow Serving, servables/tensorflow/util.cc; times are in microseconds. */
const serving = {
  ':tensorflow:serving:request_count': { kind: 'counter', labels: ['model_name', 'status'] },
  ':tensorflow:serving:request_latency': { kind: 'histogram', labels: ['model_name', 'API', 'entrypoint'] },
} as const satisfies Named;

/** kube-state-metrics, docs/metrics/workload/pod-metrics.md. */
const cluster = {
  kube_pod_container_status_restarts_total: { kind: 'counter', labels: ['namespace', 'pod', 'container'] },
} as const satisfies Named;

export const knownMetrics = { ...metrics, ...triton, ...serving, ...cluster };

export type KnownMetric = keyof typeof knownMetrics;

type OfKind<Kind> = {
  [Name in KnownMetric]: (typeof knownMetrics)[Name]['kind'] extends Kind ? Name : never;
}[KnownMetric];

export type Counter = OfKind<'counter'>;
export type Gauge = OfKind<'gauge'>;
export type Histogram = OfKind<'histogram'>;
