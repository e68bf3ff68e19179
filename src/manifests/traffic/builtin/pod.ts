/** A pod of fairlead's own gateway. */
import { command, milliseconds, ports, SETTINGS } from '#spec';
import type { Labels } from '../../names.ts';
import type { Release } from '../../release.ts';
import { grpcPort } from '../ports.ts';

const FOLDER = `${SETTINGS}/gateway`;
/** Until whoever sends requests has heard that it goes. */
const LEAVING_SECONDS = 5;
/** For the process to be gone after its own grace. */
const MARGIN_SECONDS = 5;
/** As fairlead's images have it. */
const USER = 1000;

/** Nothing of the servers' machines is asked for: it needs no GPU, and should not stand on a node with one. */
export function gatewayPod(release: Release, selector: Labels): object {
  const { server, kubernetes } = release.arms[0].service.spec;
  const { priorityClass, pullSecrets, tolerations } = kubernetes;
  const grace = Math.ceil(milliseconds(server.drain.grace) / 1000);
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: LEAVING_SECONDS + grace + MARGIN_SECONDS,
    ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(tolerated) }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: spread(selector),
    containers: [container(release)],
    volumes: [{ name: 'plan', configMap: { name: `${release.name}-gateway` } }],
  };
}

/** What says no value has any: `Exists`, which is what a key without a value means. */
function tolerated({ key, value, effect }: Toleration) {
  return {
    ...(key !== undefined && { key }),
    operator: value === undefined ? 'Exists' : 'Equal',
    ...(value !== undefined && { value }),
    ...(effect !== undefined && { effect }),
  };
}

interface Toleration {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** One node, or one zone, should not have them all; where there is only one, they all start there. */
function spread(selector: Labels) {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(topologyKey => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ['pod-template-hash'],
  }));
}

function container(release: Release) {
  const { kubernetes } = release.arms[0].service.spec;
  const { port, grpcPort: calls } = ports.own;
  const speaksGrpc = release.arms.some(arm => grpcPort(arm) !== undefined);
  const env = Object.entries(kubernetes.env).map(([name, value]) => ({ name, value }));
  const listening = ['--host', '0.0.0.0', '--port', String(port)];
  return {
    name: 'gateway',
    image: release.fairlead,
    command: [...command],
    // Models are in no pod of it, and the folder is watched: a file that is mounted by itself never changes.
    args: [
      'gateway',
      '--plan',
      `${FOLDER}/plan.json`,
      ...listening,
      '--grpc-port',
      speaksGrpc ? String(calls) : 'off',
    ],
    ...(env.length > 0 && { env }),
    ports: [
      { name: 'http', containerPort: port, protocol: 'TCP' },
      ...(speaksGrpc ? [{ name: 'grpc', containerPort: calls, protocol: 'TCP' }] : []),
    ],
    // No limit of cores: a gateway that waits for its turn makes every request wait.
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    },
    readinessProbe: { ...asked('/health'), periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...asked('/health/live'), periodSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { sleep: { seconds: LEAVING_SECONDS } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'plan', mountPath: FOLDER, readOnly: true }],
  };
}

function asked(path: string) {
  return { httpGet: { path, port: 'http' }, timeoutSeconds: 5 };
}
