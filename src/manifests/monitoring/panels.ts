/** What a dashboard shows of each kind of server, and of the gateway. */
import type { Release } from '../release.ts';
import type { Counter, Gauge, Histogram } from './known-metrics.ts';
import { type Line, legendOf, type Panel } from './panel.ts';
import { gatewayPods, meanOf, type Pods, quantileOf, rateOf, serverPods, sumOf } from './queries.ts';

const PLACE = ['namespace', 'revision'] as const;

function rate(name: Counter, labels: readonly string[], pods: Pods): Line {
  return { expr: rateOf(name, [...PLACE, ...labels], pods), legend: legendOf(['revision', ...labels]) };
}

function sum(name: Gauge, labels: readonly string[], pods: Pods): Line {
  return { expr: sumOf(name, [...PLACE, ...labels], pods), legend: legendOf(['revision', ...labels]) };
}

function quantiles(name: Histogram, labels: readonly string[], pods: Pods): Line[] {
  const by = [...PLACE, ...labels];
  return [0.5, 0.99].map(part => ({
    expr: quantileOf(part, name, { by, pods }),
    legend: `P${part * 100} ${legendOf(['revision', ...labels])}`,
  }));
}

function mean(name: Histogram, labels: readonly string[], pods: Pods): Line {
  return { expr: meanOf(name, [...PLACE, ...labels], pods), legend: legendOf(['revision', ...labels]) };
}

/** One counter in proportion to another. */
function ratio([part, whole]: readonly [Counter, Counter], labels: readonly string[], pods: Pods): Line {
  const [above, below] = [rate(part, labels, pods), rate(whole, labels, pods)];
  return { expr: `${above.expr} / ${below.expr}`, legend: above.legend };
}

export function ownPanels(release: Release): Panel[] {
  const pods = serverPods(release);
  const model = ['model_name', 'model_version'];
  const refused = rate('requests_refused_total', ['reason'], pods);
  return [
    {
      title: 'Requests by outcome',
      unit: 'reqps',
      lines: [rate('prediction_requests_total', [...model, 'status'], pods)],
    },
    { title: 'Latency', unit: 's', lines: quantiles('prediction_duration_seconds', model, pods) },
    { title: 'Wait in the queue', unit: 's', lines: quantiles('prediction_queue_seconds', model, pods) },
    { title: 'Predictions in flight', unit: 'short', lines: [sum('predictions_in_flight', model, pods)] },
    { title: 'Rows that wait', unit: 'short', lines: [sum('prediction_queue_rows', model, pods)] },
    { title: 'Rows in a run', unit: 'short', lines: [mean('prediction_batch_rows', model, pods)] },
    {
      title: 'Dropped, by reason',
      unit: 'reqps',
      lines: [rate('prediction_drops_total', [...model, 'reason'], pods)],
    },
    { title: 'Not let in, by reason', unit: 'reqps', lines: [refused] },
    { title: 'Pods with the model loaded', unit: 'short', lines: [sum('model_ready', model, pods)] },
    { title: 'Cores', unit: 'short', lines: [rate('process_cpu_seconds_total', ['pod'], pods)] },
    { title: 'Memory', unit: 'bytes', lines: [sum('process_resident_memory_bytes', ['pod'], pods)] },
  ];
}

export function tritonPanels(release: Release): Panel[] {
  const pods = serverPods(release);
  const model = ['model', 'version'];
  const success = 'nv_inference_request_success';
  const failed = rate('nv_inference_request_failure', [...model, 'reason'], pods);
  const each = (spent: Counter): Line[] => [ratio([spent, success], model, pods)];
  const batch = ratio(['nv_inference_count', 'nv_inference_exec_count'], model, pods);
  return [
    { title: 'Requests', unit: 'reqps', lines: [rate(success, model, pods)] },
    { title: 'Failures, by reason', unit: 'reqps', lines: [failed] },
    { title: 'Mean latency', unit: 'µs', lines: each('nv_inference_request_duration_us') },
    { title: 'Mean wait in the queue', unit: 'µs', lines: each('nv_inference_queue_duration_us') },
    {
      title: 'Requests that wait',
      unit: 'short',
      lines: [sum('nv_inference_pending_request_count', model, pods)],
    },
    { title: 'Inferences in a run', unit: 'short', lines: [batch] },
    restarts(pods),
  ];
}

export function servingPanels(release: Release): Panel[] {
  const pods = serverPods(release);
  const counted = rate(':tensorflow:serving:request_count', ['model_name', 'status'], pods);
  const latency = quantiles(':tensorflow:serving:request_latency', ['model_name'], pods);
  return [
    { title: 'Requests by status', unit: 'reqps', lines: [counted] },
    { title: 'Latency', unit: 'µs', lines: latency },
    restarts(pods),
  ];
}

export function customPanels(release: Release): Panel[] {
  return [restarts(serverPods(release))];
}

function restarts(pods: Pods): Panel {
  const lines = [rate('kube_pod_container_status_restarts_total', ['pod'], pods)];
  return { title: 'Restarts in a second', unit: 'short', lines };
}

/** Here the revision is told by the gateway: it is the one that answered. */
export function gatewayPanels(release: Release): Panel[] {
  const pods = gatewayPods(release);
  return [
    {
      title: 'Gateway: answers by code',
      unit: 'reqps',
      lines: [rate('gateway_requests_total', ['code'], pods)],
    },
    {
      title: 'Gateway: servers it can ask',
      unit: 'short',
      lines: [sum('gateway_server_healthy', ['pod'], pods)],
    },
    { title: 'Gateway: sent a second time', unit: 'reqps', lines: [rate('gateway_retries_total', [], pods)] },
  ];
}
