/** A pod of fairlead's own gateway. */
import { command, milliseconds, ports } from '#spec';
import { gatewayPorts, PLAN_FOLDER } from '../../around/gateways.ts';
import type { Labels } from '../../names.ts';
import { told } from '../../pod/container-parts.ts';
import { pullPolicyOf } from '../../pod/image-pull.ts';
import { spreadOf, tolerationOf } from '../../pod/placement.ts';
import { containerSecurity, podSecurity } from '../../pod/security.ts';
import { written } from '../../pod/variables.ts';
import type { Release } from '../../release.ts';
import { doorStorage } from './door.ts';

/** Seconds until whoever sends requests has heard that it goes. */
const TO_LEAVE = 10;
/** Seconds between the last moment at which it exits and its being killed. */
const SPARE = 5;

/** Nothing of the servers' machines is asked for: it needs no GPU, and should not stand on a node with one. */
export function gatewayPod(release: Release, selector: Labels): object {
  const { server, kubernetes } = release.arms[0].service.spec;
  const { priorityClass, pullSecrets, tolerations } = kubernetes;
  const grace = Math.ceil(milliseconds(server.drain.grace) / 1000);
  const sockets = gatewayPorts(release).map(({ containerPort }) => containerPort);
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: leaving(release) + grace + SPARE,
    ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(tolerationOf) }),
    securityContext: podSecurity(sockets),
    topologySpreadConstraints: spreadOf(selector),
    containers: [container(release)],
    volumes: [
      { name: 'plan', configMap: { name: `${release.name}-gateway` } },
      ...doorStorage(release).volumes,
    ],
  };
}

/** It still accepts for the file's delay after it is told to stop: the pod waits only for what is left of the time. */
function leaving({ arms: [stable] }: Release): number {
  const delay = milliseconds(stable.service.spec.server.drain.delay) / 1000;
  return Math.max(0, Math.ceil(TO_LEAVE - delay));
}

function container(release: Release) {
  const { kubernetes } = release.arms[0].service.spec;
  const { port, grpcPort: calls } = ports.own;
  const open = gatewayPorts(release);
  const speaksGrpc = open.some(({ name }) => name === 'grpc');
  const env = written(kubernetes.env);
  const wait = leaving(release);
  const listening = ['--host', '0.0.0.0', '--port', String(port)];
  return {
    name: 'gateway',
    image: release.fairlead,
    imagePullPolicy: pullPolicyOf(release.fairlead),
    command: [...command],
    // Models are in no pod of it, and the folder is watched: a file that is mounted by itself never changes.
    args: [
      'gateway',
      '--plan',
      `${PLAN_FOLDER}/plan.json`,
      ...listening,
      '--grpc-port',
      speaksGrpc ? String(calls) : 'off',
    ],
    ...(env.length > 0 && { env }),
    ports: open.map(one => ({ ...one, protocol: 'TCP' })),
    // No limit of cores: a gateway that waits for its turn makes every request wait.
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    },
    readinessProbe: { ...asked(open, '/health'), periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...asked(open, '/health/live'), periodSeconds: 10, failureThreshold: 6 },
    ...(wait > 0 && { lifecycle: { preStop: { sleep: { seconds: wait } } } }),
    ...told,
    securityContext: containerSecurity,
    volumeMounts: [{ name: 'plan', mountPath: PLAN_FOLDER, readOnly: true }, ...doorStorage(release).server],
  };
}

/** The kubelet checks no certificate, and has none to show: then there is a port for it. */
function asked([first, ...others]: ReturnType<typeof gatewayPorts>, path: string) {
  const { name: port } = others.find(({ name }) => name === 'health') ?? first;
  const scheme = port === 'https' ? { scheme: 'HTTPS' } : {};
  return { httpGet: { path, port, ...scheme }, timeoutSeconds: 5 };
}
