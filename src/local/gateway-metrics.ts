import type { Refusals } from '#net';
import type { Told } from '#telemetry';
import { renderMetric } from './merge-metrics.ts';
import type { Tally } from './tally.ts';
import type { LocalStatus } from './words.ts';

/** The gateway's own metrics as Prometheus text. Servers that run beside the arms are not in rotation. */
export function gatewayMetrics(
  { arms, aside, certificateEnds }: LocalStatus,
  tally: Tally,
  { refusals, told }: { readonly refusals: Refusals; readonly told?: Told | undefined },
): string {
  const inArms = arms.flatMap(({ revision, servers }) =>
    servers.map(server => ({ revision, server, part: true })),
  );
  const beside = aside.flatMap(({ revision, servers }) =>
    servers.map(server => ({ revision, server, part: false })),
  );
  const servers = [...inArms, ...beside].map(({ revision, server, part }) => ({
    labels: { revision, server: String(server.id) },
    healthy: part && server.state === 'healthy' ? 1 : 0,
    restarts: server.restarts,
  }));
  return [
    renderMetric(
      'gateway_requests_total',
      tally.counted().map(({ revision, code, count }) => ({
        labels: { revision, code: String(code) },
        value: count,
      })),
    ),
    renderMetric(
      'gateway_requests_refused_total',
      refusals.counted().map(([reason, value]) => ({ labels: { reason }, value })),
    ),
    renderMetric(
      'gateway_retries_total',
      tally.retriesByRevision().map(([revision, value]) => ({ labels: { revision }, value })),
    ),
    renderMetric(
      'gateway_server_healthy',
      servers.map(({ labels, healthy }) => ({ labels, value: healthy })),
    ),
    renderMetric(
      'gateway_server_restarts_total',
      servers.map(({ labels, restarts }) => ({ labels, value: restarts })),
    ),
    certificateEnds === undefined
      ? ''
      : renderMetric('tls_certificate_expiry_seconds', [{ labels: {}, value: certificateEnds }]),
    told === undefined ? '' : tracingMetrics(told),
  ].join('');
}

function tracingMetrics({ sent, dropped, failed }: Told): string {
  const lost = [
    { labels: { reason: 'queue_full' }, value: dropped },
    { labels: { reason: 'export_failed' }, value: failed },
  ];
  return [
    renderMetric('gateway_trace_spans_exported_total', [{ labels: {}, value: sent }]),
    renderMetric('gateway_trace_spans_dropped_total', lost),
  ].join('');
}
