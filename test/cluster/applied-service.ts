/** A service for `apply`: pods of busybox that answer with their revision, a Service of each, and one that points to the stable one. */
import type { WantedObject } from '#kube';

export const SERVICE = 'digits';

export interface Pods {
  readonly revision: string;
  readonly image: string;
  /** Undefined where an autoscaler says it. */
  readonly replicas?: number | undefined;
  readonly container?: object;
  readonly pod?: object;
}

function labelsOf(version?: string): Record<string, string> {
  return {
    app: SERVICE,
    'app.kubernetes.io/instance': SERVICE,
    'app.kubernetes.io/managed-by': 'fairlead',
    ...(version !== undefined && { version }),
  };
}

/** All of a revision alone, which gets all requests. */
export function alone(pods: Pods): readonly WantedObject[] {
  return [...objectsOf(pods), service(SERVICE, pods.revision)];
}

export function objectsOf(pods: Pods): readonly WantedObject[] {
  const { revision, replicas } = pods;
  const scaler = replicas === undefined ? [autoscaler(revision)] : [];
  return [service(revision, revision, revision), deployment(pods), ...scaler];
}

/** A route that gives each revision its share, as a Gateway has it. */
export function split(weights: Readonly<Record<string, number>>): WantedObject {
  const backendRefs = Object.entries(weights).map(([name, weight]) => ({ name, port: 80, weight }));
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: SERVICE, labels: labelsOf() },
    spec: { parentRefs: [{ group: '', kind: 'Service', name: SERVICE, port: 80 }], rules: [{ backendRefs }] },
  };
}

export function isRoute({ kind, metadata: { name } }: WantedObject): boolean {
  return kind === 'HTTPRoute' || (kind === 'Service' && name === SERVICE);
}

function service(name: string, version: string, label?: string): WantedObject {
  const ports = [{ name: 'http', port: 80, targetPort: 8501 }];
  const selector = { app: SERVICE, version };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: labelsOf(label) },
    spec: { selector, ports },
  };
}

function deployment({ revision, image, replicas, container, pod }: Pods): WantedObject {
  const labels = labelsOf(revision);
  const serve = `echo ${revision} > /tmp/index.html; exec httpd -f -p 8501 -h /tmp`;
  const server = {
    name: 'server',
    image,
    command: ['sh', '-c', serve],
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
    readinessProbe: { httpGet: { path: '/', port: 8501 }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    ...container,
  };
  const spec = {
    containers: [server],
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    ...pod,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: revision, labels },
    spec: {
      ...(replicas !== undefined && { replicas }),
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: { app: SERVICE, version: revision } },
      template: { metadata: { labels }, spec },
    },
  };
}

function autoscaler(revision: string): WantedObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: revision, labels: labelsOf(revision) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: revision },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  };
}
