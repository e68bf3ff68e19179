/** Alerts about fairlead's own servers. */
import { metrics, milliseconds } from '#spec';
import type { Release } from '../release.ts';
import { type Alert, LASTING } from './alert.ts';
import { type Deadline, deadlinesOf } from './deadlines.ts';
import { absenceOf, changesOf, eachOf, quantileOf, rateOf, serverPods } from './queries.ts';

const MODEL = ['namespace', 'revision', 'model_name', 'model_version'];
const WHOSE = '{{ $labels.model_name }} version {{ $labels.model_version }} of {{ $labels.revision }}';

export function ownAlerts(release: Release): Alert[] {
  return [
    ...outcomeAlerts(release),
    ...deadlinesOf(release).flatMap(deadline => latencyAlert(release, deadline)),
    ...readinessAlerts(release),
    restartAlert(release),
    ...certificateAlert(release),
    ...recordAlert(release),
  ];
}

/** Of the requests of a model, the part that ended so. */
function partOf(release: Release, status: string): string {
  const pods = serverPods(release);
  const name = 'prediction_requests_total';
  return `${rateOf(name, MODEL, pods, { status })} / ${rateOf(name, MODEL, pods)}`;
}

function outcomeAlerts(release: Release): Alert[] {
  const lasting = {
    minutes: LASTING,
    description: `{{ $value | humanizePercentage }} of requests for ${WHOSE}.`,
  };
  return [
    {
      ...lasting,
      name: 'PredictionsFail',
      expr: `${partOf(release, 'server_error')} > 0.05`,
      severity: 'critical',
      summary: 'A model answers with errors that are no fault of its clients.',
    },
    {
      ...lasting,
      name: 'PredictionsTooLate',
      expr: `${partOf(release, 'timeout')} > 0.05`,
      severity: 'critical',
      summary: 'Requests miss their deadlines.',
    },
    {
      ...lasting,
      name: 'PredictionsRejected',
      expr: `${partOf(release, 'rejected')} > 0.01`,
      severity: 'warning',
      summary: 'Queues are full: there are too few pods for what is asked.',
    },
  ];
}

/** The part of a deadline that the slowest hundredth may take. */
const NEAR = 0.9;

/** The last bucket has no end: what is in it has no quantile. */
const widest = (name: 'prediction_duration_seconds' | 'prediction_latency_seconds') =>
  Math.max(...metrics[name].buckets);

function latencyAlert(release: Release, { models, seconds }: Deadline): Alert[] {
  const threshold = Number((seconds * NEAR).toPrecision(12));
  const finest = ['prediction_duration_seconds', 'prediction_latency_seconds'] as const;
  const name = finest.find(one => threshold < widest(one));
  if (name === undefined) return [];
  const matchers = models === undefined ? {} : { model_name: models };
  return [
    {
      name: 'PredictionsSlow',
      expr: `${quantileOf(0.99, name, { by: MODEL, pods: serverPods(release), matchers })} > ${threshold}`,
      minutes: LASTING,
      severity: 'warning',
      summary: `The slowest answers take nearly as long as they may (${seconds} s).`,
      description: `P99 is {{ $value | humanizeDuration }} for ${WHOSE}.`,
    },
  ];
}

/** A lazy server has models that are not loaded, and one that may have no pods tells nothing: neither is a fault. */
function readinessAlerts(release: Release): Alert[] {
  const { server, kubernetes, scaling } = release.arms[0].service.spec;
  const pods = serverPods(release);
  const unready: Alert = {
    name: 'ModelNotReady',
    expr: `${eachOf('model_ready', pods)} == 0`,
    minutes: Math.max(LASTING, Math.ceil(milliseconds(kubernetes.startup) / 60_000)),
    severity: 'warning',
    summary: 'A pod has a model that is not loaded.',
    description: `${WHOSE} in {{ $labels.pod }}.`,
  };
  const silent: Alert = {
    name: 'NoServers',
    expr: absenceOf('model_ready', pods),
    minutes: 5,
    severity: 'critical',
    summary: 'No server tells of itself.',
    description: `None of the pods of ${release.name} answers, or nobody reads their metrics.`,
  };
  return [...(server.lazy === undefined ? [unready] : []), ...(scaling?.min === 0 ? [] : [silent])];
}

function restartAlert(release: Release): Alert {
  return {
    name: 'ServerRestarts',
    expr: `${changesOf('process_start_time_seconds', serverPods(release), '30m')} > 2`,
    minutes: 0,
    severity: 'warning',
    summary: 'A server ends and is started again.',
    description: '{{ $value }} times in half an hour: {{ $labels.pod }} of {{ $labels.revision }}.',
  };
}

const WEEK = 7 * 24 * 3600;

function certificateAlert(release: Release): Alert[] {
  if (release.arms[0].service.spec.server.tls === undefined) return [];
  return [
    {
      name: 'CertificateExpires',
      expr: `${eachOf('tls_certificate_expiry_seconds', serverPods(release))} - time() < ${WEEK}`,
      minutes: LASTING,
      severity: 'warning',
      summary: 'The certificate that clients are shown is not valid for much longer.',
      description: '{{ $value | humanizeDuration }} are left: {{ $labels.pod }}.',
    },
  ];
}

function recordAlert(release: Release): Alert[] {
  if (release.arms[0].service.spec.server.payloadLog === undefined) return [];
  const by = ['namespace', 'revision', 'outcome'];
  return [
    {
      name: 'RecordsLost',
      expr: `${rateOf('payload_log_records_total', by, serverPods(release), { outcome: '!written' })} > 0`,
      minutes: LASTING,
      severity: 'warning',
      summary: 'Records of predictions are lost.',
      description: '{{ $value | humanize }} in a second are {{ $labels.outcome }}: {{ $labels.revision }}.',
    },
  ];
}
