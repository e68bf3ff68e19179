/** A pod of fairlead's own gateway. */
import { command, ports } from '#spec';
import { gatewayPorts, PLAN_FOLDER } from '../../around/gateways.ts';
import { gatewayName, type Labels } from '../../names.ts';
import { environmentOf, imageOf, told } from '../../pod/container-parts.ts';
import { type Ending, gatewayEnding } from '../../pod/ending.ts';
import { spreadOf, tolerationOf } from '../../pod/placement.ts';
import { askedAt } from '../../pod/probes.ts';
import { containerSecurity, podSecurity } from '../../pod/security.ts';
import { written } from '../../pod/variables.ts';
import type { Release } from '../../release.ts';
import { doorStorage } from './door.ts';

/** Nothing of the servers' machines is asked for: it needs no GPU, and should not stand on a node with one. */
export function gatewayPod(release: Release, selector: Labels): object {
  const { server, kubernetes } = release.arms[0].service.spec;
  const { priorityClass, pullSecrets, tolerations } = kubernetes;
  const ending = gatewayEnding(server);
  const sockets = gatewayPorts(release).map(({ containerPort }) => containerPort);
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: ending.whole,
    ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(tolerationOf) }),
    securityContext: podSecurity(sockets),
    topologySpreadConstraints: spreadOf(selector),
    containers: [container(release, ending)],
    volumes: [{ name: 'plan', configMap: { name: gatewayName(release) } }, ...doorStorage(release).volumes],
  };
}

const PATIENT = { timeoutSeconds: 5 } as const;

function container(release: Release, { preStop }: Ending) {
  const { kubernetes } = release.arms[0].service.spec;
  const { port, grpcPort: calls } = ports.own;
  const open = gatewayPorts(release);
  const speaksGrpc = open.some(({ name }) => name === 'grpc');
  const listening = ['--host', '0.0.0.0', '--port', String(port)];
  return {
    name: 'gateway',
    ...imageOf(release.fairlead),
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
    ...environmentOf(written(kubernetes.env)),
    ports: open.map(one => ({ ...one, protocol: 'TCP' })),
    // No limit of cores: a gateway that waits for its turn makes every request wait.
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    },
    readinessProbe: { httpGet: askedAt(open, '/health'), ...PATIENT, periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: {
      httpGet: askedAt(open, '/health/live'),
      ...PATIENT,
      periodSeconds: 10,
      failureThreshold: 6,
    },
    ...(preStop > 0 && { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    ...told,
    securityContext: containerSecurity,
    volumeMounts: [{ name: 'plan', mountPath: PLAN_FOLDER, readOnly: true }, ...doorStorage(release).server],
  };
}
