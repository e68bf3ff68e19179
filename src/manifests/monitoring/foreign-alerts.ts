/** Alerts about servers of others, as far as these tell of themselves, and about fairlead's gateway. */
import type { Release } from '../release.ts';
import { type Alert, LASTING } from './alert.ts';
import { deadlinesOf } from './deadlines.ts';
import { absenceOf, gatewayPods, increaseOf, quantileOf, rateOf, serverPods, sumOf } from './queries.ts';

const lasting = { minutes: LASTING };
const ofPart = '{{ $value | humanizePercentage }} of requests for';

const OF_TRITON = ['namespace', 'revision', 'model', 'version'];
const TRITONS = '{{ $labels.model }} version {{ $labels.version }} of {{ $labels.revision }}';

/** It has no histogram of latencies without a flag: only the mean is known. */
export function tritonAlerts(release: Release): Alert[] {
  const pods = serverPods(release);
  const [good, bad] = ['nv_inference_request_success', 'nv_inference_request_failure'] as const;
  const all = `(${rateOf(good, OF_TRITON, pods)} + ${rateOf(bad, OF_TRITON, pods)})`;
  const part = (reason: string) => `${rateOf(bad, OF_TRITON, pods, { reason })} / ${all}`;
  const mean = (models: string | undefined) => {
    const matchers = models === undefined ? {} : { model: models };
    const spent = rateOf('nv_inference_request_duration_us', OF_TRITON, pods, matchers);
    return `${spent} / ${rateOf(good, OF_TRITON, pods, matchers)} / 1e6`;
  };
  return [
    {
      ...lasting,
      name: 'PredictionsFail',
      expr: `${part('!REJECTED|CANCELED')} > 0.05`,
      severity: 'critical',
      summary: 'A model answers with errors.',
      description: `${ofPart} ${TRITONS}.`,
    },
    {
      ...lasting,
      name: 'PredictionsRejected',
      expr: `${part('REJECTED')} > 0.01`,
      severity: 'warning',
      summary: 'Queues are full: there are too few pods for what is asked.',
      description: `${ofPart} ${TRITONS}.`,
    },
    ...deadlinesOf(release).map(
      ({ models, seconds }): Alert => ({
        ...lasting,
        name: 'PredictionsSlow',
        expr: `${mean(models)} > ${seconds}`,
        severity: 'warning',
        summary: `Answers take longer than they may (${seconds} s), on the average.`,
        description: `{{ $value | humanizeDuration }} for ${TRITONS}.`,
      }),
    ),
    ...silence(release, 'nv_inference_request_success'),
    restarts(release),
  ];
}

const OF_SERVING = ['namespace', 'revision', 'model_name'];
const SERVINGS = '{{ $labels.model_name }} of {{ $labels.revision }}';

/** Codes of gRPC that say a fault of the server. */
const FAULTS =
  'INTERNAL|UNKNOWN|UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|ABORTED|DATA_LOSS|UNIMPLEMENTED';

export function servingAlerts(release: Release): Alert[] {
  const pods = serverPods(release);
  const counted = ':tensorflow:serving:request_count';
  const bad = rateOf(counted, OF_SERVING, pods, { status: FAULTS });
  return [
    {
      ...lasting,
      name: 'PredictionsFail',
      expr: `${bad} / ${rateOf(counted, OF_SERVING, pods)} > 0.05`,
      severity: 'critical',
      summary: 'A model answers with errors that are no fault of its clients.',
      description: `${ofPart} ${SERVINGS}.`,
    },
    ...deadlinesOf(release).map(({ models, seconds }): Alert => {
      const matchers = models === undefined ? {} : { model_name: models };
      const latency = quantileOf(0.99, ':tensorflow:serving:request_latency', {
        by: OF_SERVING,
        pods,
        matchers,
      });
      return {
        ...lasting,
        name: 'PredictionsSlow',
        expr: `${latency} / 1e6 > ${seconds}`,
        severity: 'warning',
        summary: `The slowest answers take longer than they may (${seconds} s).`,
        description: `P99 is {{ $value | humanizeDuration }} for ${SERVINGS}.`,
      };
    }),
    restarts(release),
  ];
}

/** Of a server of the user's own nothing is known but that it ends. */
export function customAlerts(release: Release): Alert[] {
  return [restarts(release)];
}

export function gatewayAlerts(release: Release): Alert[] {
  const pods = gatewayPods(release);
  const by = ['namespace', 'revision'];
  const bad = rateOf('gateway_requests_total', by, pods, { code: '5..' });
  const mayBeNone = release.arms[0].service.spec.scaling?.min === 0;
  const alone: Alert = {
    name: 'GatewayWithoutServers',
    expr: `${sumOf('gateway_server_healthy', by, pods)} == 0`,
    minutes: 5,
    severity: 'critical',
    summary: 'The gateway finds no server of a revision that it can ask.',
    description: '{{ $labels.revision }} in {{ $labels.namespace }}.',
  };
  return [
    {
      ...lasting,
      name: 'GatewayErrors',
      expr: `${bad} / ${rateOf('gateway_requests_total', by, pods)} > 0.05`,
      severity: 'critical',
      summary: 'Clients of the gateway are answered with errors that are no fault of theirs.',
      description: `${ofPart} {{ $labels.revision }}.`,
    },
    ...(mayBeNone ? [] : [alone]),
  ];
}

function silence(release: Release, name: 'nv_inference_request_success'): Alert[] {
  if (release.arms[0].service.spec.scaling?.min === 0) return [];
  return [
    {
      name: 'NoServers',
      expr: absenceOf(name, serverPods(release)),
      minutes: 5,
      severity: 'critical',
      summary: 'No server tells of itself.',
      description: `None of the pods of ${release.name} answers, or nobody reads their metrics.`,
    },
  ];
}

/** They do not say when they started: it takes kube-state-metrics to know. */
function restarts(release: Release): Alert {
  const name = 'kube_pod_container_status_restarts_total';
  return {
    name: 'ServerRestarts',
    expr: `${increaseOf(name, serverPods(release), '30m', { container: 'server' })} > 2`,
    minutes: 0,
    severity: 'warning',
    summary: 'A server ends and is started again.',
    description:
      '{{ $value | humanize }} times in half an hour: {{ $labels.pod }} of {{ $labels.revision }}.',
  };
}
