/** Rules and a dashboard of a service, as objects that a cluster's monitoring picks up. */
import { labelsOf, metaOf } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { Release } from '../release.ts';
import { dashboardOf } from './dashboard.ts';
import { alertRulesOf } from './rules.ts';

/**
 * A PrometheusRule of the Prometheus operator, with the labels that its Prometheus looks for, and a ConfigMap that the sidecar of
 * Grafana's chart reads. They say nothing of single revisions, so that they stay the same when one follows another.
 */
export function monitoringOf(release: Release): KubeObject[] {
  const { podMonitor } = release.arms[0].service.spec.kubernetes.metrics;
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: metaOf(release, release.name, { ...labelsOf(release), ...podMonitor?.labels }),
      spec: alertRulesOf(release),
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metaOf(release, `${release.name}-dashboard`, {
        ...labelsOf(release),
        grafana_dashboard: '1',
      }),
      data: { [`${release.name}.json`]: `${JSON.stringify(dashboardOf(release), undefined, 2)}\n` },
    },
  ];
}
