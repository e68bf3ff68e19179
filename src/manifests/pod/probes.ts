/**
 * Probes that mean the model: a pod is ready once its server says that all models are loaded and warm, not once a port is open. None
 * is on the path of predictions, so that load alone restarts nothing.
 */
import { milliseconds } from '#spec';
import type { PodArm } from '../release.ts';
import { type PodPort, portsOf } from './ports.ts';

/** Seconds. A server that is busy may take a moment for an answer. */
const TIMEOUT = 2;

export function probesOf(arm: PodArm): object {
  const { ready, live } = arm.launch.probes;
  const open = portsOf(arm);
  const startup = milliseconds(arm.service.spec.kubernetes.startup) / 1000;
  return {
    startupProbe: {
      httpGet: askedAt(open, ready),
      periodSeconds: 1,
      timeoutSeconds: TIMEOUT,
      failureThreshold: Math.ceil(startup),
    },
    readinessProbe: {
      httpGet: askedAt(open, ready),
      periodSeconds: 5,
      timeoutSeconds: TIMEOUT,
      failureThreshold: 2,
    },
    // A minute without an answer: a restart loads all models anew, which is worse than waiting.
    livenessProbe: {
      httpGet: askedAt(open, live),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  };
}

/** The kubelet checks no certificate and has none to show, so that with mutual TLS it has a port of its own. */
export function askedAt(open: readonly [PodPort, ...PodPort[]], path: string): object {
  const { name } = open.find(one => one.name === 'health') ?? open[0];
  return { path, port: name, ...(name === 'https' && { scheme: 'HTTPS' }) };
}
