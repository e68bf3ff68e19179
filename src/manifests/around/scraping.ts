/** Who reads the metrics of a service's pods: a PodMonitor of the Prometheus operator, monitoring.coreos.com/v1. */
import { type KubernetesOptions, milliseconds } from '#spec';
import { doorOf } from '../door.ts';
import { gatewayName, type Labels, labelsOf, metaOf, serversOf } from '../names.ts';
import type { KubeObject, ObjectMeta } from '../object.ts';
import { metricsAt } from '../pod/ports.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { isHidden } from './closed.ts';
import { gatewayPorts, gatewaysOf } from './gateways.ts';

type Monitored = NonNullable<KubernetesOptions['metrics']['podMonitor']>;

/** One for the servers of all revisions, so that their series go on under one job when a revision follows another. */
export function scrapingOf(release: Release): KubeObject[] {
  const [stable] = release.arms;
  const { podMonitor } = stable.service.spec.kubernetes.metrics;
  if (podMonitor === undefined) return [];
  const found = serverEndpoints(release, shownTo(release, podMonitor));
  const meta = metaOf(release, release.name, { ...labelsOf(release), ...podMonitor.labels });
  return [
    ...(found.length > 0 ? [monitor(meta, serversOf(release), found)] : []),
    ...(routerOf(release) === 'builtin' ? [gatewayMonitor(release, podMonitor)] : []),
  ];
}

function monitor(metadata: ObjectMeta, pods: Labels, endpoints: readonly object[]): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata,
    spec: {
      selector: { matchLabels: pods },
      // Samples say of which revision they are.
      podTargetLabels: ['app', 'version'],
      podMetricsEndpoints: endpoints,
    },
  };
}

/** Servers of others are asked as they are: a key for their gateway is nothing to them. */
function shownTo(release: Release, { credentials, ...rest }: Monitored): Monitored {
  return doorOf(release) === undefined ? { ...rest, credentials } : rest;
}

/** Revisions whose pages lie elsewhere are each read at their own. */
function serverEndpoints(release: Release, podMonitor: Monitored): object[] {
  const pages = release.arms.flatMap(arm => (isHidden(release, arm) ? [] : pageOf(arm)));
  const [first] = pages;
  if (first === undefined) return [];
  const isOne = pages.length === release.arms.length && pages.every(page => isSame(page, first));
  const found = isOne ? [first] : pages;
  return found.map(page => ({ ...endpoint(page, podMonitor), ...(!isOne && onlyOf(page.arm)) }));
}

interface Page {
  readonly arm: PodArm;
  /** Of the pod, by name. */
  readonly port: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

function pageOf(arm: PodArm): Page[] {
  const at = metricsAt(arm);
  return at === undefined ? [] : [{ arm, port: at.name, path: at.path, scheme: at.scheme }];
}

function isSame(one: Page, other: Page): boolean {
  return one.port === other.port && one.path === other.path;
}

function onlyOf(arm: PodArm) {
  const { name } = arm.deployed.revision;
  return {
    relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_version'], regex: name, action: 'keep' }],
  };
}

function endpoint({ port, path, scheme }: Omit<Page, 'arm'>, { interval, credentials }: Monitored) {
  return {
    port,
    path,
    interval: promDuration(interval),
    scheme,
    // A pod is asked by its address, which is in no certificate.
    ...(scheme === 'https' && { tlsConfig: { insecureSkipVerify: true } }),
    ...(credentials !== undefined && {
      authorization: { type: 'Bearer', credentials: { name: credentials, key: 'token' } },
    }),
  };
}

/** Its page holds those of the servers too, which would be counted twice. Before servers of fairlead it asks nobody for credentials. */
function gatewayMonitor(release: Release, { credentials, ...shown }: Monitored): KubeObject {
  const [{ name: port }] = gatewayPorts(release);
  const scheme = port === 'https' ? port : 'http';
  const asks = doorOf(release)?.server.auth !== undefined;
  const at = endpoint({ port, path: '/metrics', scheme }, { ...shown, ...(asks && { credentials }) });
  const own = { sourceLabels: ['__name__'], regex: 'gateway_.+', action: 'keep' };
  const labels = { ...labelsOf(release, 'gateway'), ...shown.labels };
  const meta = metaOf(release, gatewayName(release), labels);
  return monitor(meta, gatewaysOf(release), [{ ...at, metricRelabelings: [own] }]);
}

/** Prometheus knows no fractions. */
function promDuration(text: string): string {
  const ms = milliseconds(text);
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
