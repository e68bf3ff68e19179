/** What a server tells of its work, from its flags and the variables of OpenTelemetry. */
import type { ObserverSettings } from '#server';
import { counts, eventForms, largest, shortest } from '#spec';
import { keyValues, type RecordTarget, type TracingSettings, tracingSettings } from '#telemetry';
import { duration, fraction, integer, oneOf, size, url, wrong } from './flags.ts';
import { version } from './version.ts';

/** As the command line gives them. */
export type ObservingFlags = Readonly<
  Partial<
    Record<
      | 'revision'
      | 'traceEndpoint'
      | 'traceSample'
      | 'logRequests'
      | 'logSlow'
      | 'payloadLog'
      | 'payloadSample'
      | 'payloadBytes'
      | 'payloadFileBytes'
      | 'payloadFiles'
      | 'payloadForm',
      string
    >
  >
> & { readonly payloadRedact: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** What is told of predictions. Throws `usage_invalid`. */
export function observerOf(flags: ObservingFlags): ObserverSettings {
  const { revision, logRequests, logSlow } = flags;
  return {
    revision,
    requests: logRequests === undefined ? 0 : fraction('log-requests', logRequests),
    slowMs: logSlow === undefined ? Number.POSITIVE_INFINITY : duration('log-slow', logSlow, shortest.slow),
    payload: payloadOf(flags),
  };
}

/** Where spans go; undefined where nothing is traced. Throws `usage_invalid`. */
export function tracingOf(flags: ObservingFlags, env: Environment): TracingSettings | undefined {
  const { traceEndpoint, traceSample, revision } = flags;
  const endpoint = traceEndpoint === undefined ? undefined : url('trace-endpoint', traceEndpoint);
  const sample = traceSample === undefined ? undefined : fraction('trace-sample', traceSample);
  // A revision is its service's name and the beginning of a hash.
  const service = revision?.replace(/-[0-9a-f]{8}$/, '') ?? 'fairlead';
  const settings = tracingSettings({ endpoint, sample, resource: resourceOf(service, revision) }, env);
  if (settings === undefined && sample !== undefined && env['OTEL_SDK_DISABLED'] === undefined)
    throw wrong('--trace-sample has no effect without --trace-endpoint or OTEL_EXPORTER_OTLP_ENDPOINT');
  return settings;
}

/** Whose spans they are. */
export function resourceOf(service: string, revision?: string): Readonly<Record<string, string>> {
  return {
    'service.name': service,
    ...(revision !== undefined && { 'service.version': revision }),
    'telemetry.sdk.name': 'fairlead',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
  };
}

/** Where records of predictions go; undefined where none are made. Throws `usage_invalid`. */
export function recordTarget(flags: ObservingFlags, env: Environment): RecordTarget | undefined {
  const { payloadLog, payloadFileBytes, payloadFiles, payloadForm } = flags;
  if (payloadLog === undefined) return undefined;
  if (/^https?:\/\//i.test(payloadLog)) {
    refuse({ 'payload-file-bytes': payloadFileBytes, 'payload-files': payloadFiles }, 'without a file');
    return {
      kind: 'http',
      url: url('payload-log', payloadLog),
      form: oneOf('payload-form', payloadForm ?? 'structured', eventForms),
      headers: keyValues(env['FAIRLEAD_PAYLOAD_LOG_HEADERS']),
    };
  }
  refuse({ 'payload-form': payloadForm }, 'on a file');
  return {
    kind: 'file',
    path: payloadLog,
    bytes: size('payload-file-bytes', payloadFileBytes ?? '100Mi', largest.memory),
    files: integer('payload-files', payloadFiles ?? '4', counts.files),
  };
}

function payloadOf(flags: ObservingFlags): ObserverSettings['payload'] {
  const { payloadLog, payloadSample, payloadRedact, payloadBytes } = flags;
  if (payloadLog !== undefined)
    return {
      sample: fraction('payload-sample', payloadSample ?? '1'),
      redact: payloadRedact,
      maxBytes: size('payload-bytes', payloadBytes ?? '64Ki', largest.record),
    };
  const [redact] = payloadRedact;
  refuse(
    { 'payload-sample': payloadSample, 'payload-bytes': payloadBytes, 'payload-redact': redact },
    'without --payload-log',
  );
  return undefined;
}

function refuse(flags: Readonly<Record<string, string | undefined>>, where: string): void {
  for (const [flag, value] of Object.entries(flags))
    if (value !== undefined) throw wrong(`--${flag} has no effect ${where}`);
}
