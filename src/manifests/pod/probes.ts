/**
 * Probes that mean the model: a pod is ready once its server says that all models are loaded and warm, not once a port is open. None
 * is on the path of predictions, so that load alone restarts nothing.
 */
import { milliseconds } from '#spec';
import type { PodArm } from '../release.ts';
import { portsOf } from './ports.ts';

/** Seconds. A server that is busy may take a moment for an answer. */
const TIMEOUT = 2;

export function probesOf(arm: PodArm): object {
  const { ready, live } = arm.launch.probes;
  const startup = milliseconds(arm.service.spec.kubernetes.startup) / 1000;
  return {
    startupProbe: {
      httpGet: askedAt(arm, ready),
      periodSeconds: 1,
      timeoutSeconds: TIMEOUT,
      failureThreshold: Math.ceil(startup),
    },
    readinessProbe: {
      httpGet: askedAt(arm, ready),
      periodSeconds: 5,
      timeoutSeconds: TIMEOUT,
      failureThreshold: 2,
    },
    // A minute without an answer: a restart loads all models anew, which is worse than waiting.
    livenessProbe: {
      httpGet: askedAt(arm, live),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
  };
}

/** The kubelet checks no certificate and has none to show, so that with mutual TLS it has a port of its own. */
function askedAt(arm: PodArm, path: string): object {
  const all = portsOf(arm);
  const { name } = all.find(one => one.name === 'health') ?? all[0];
  return { path, port: name, ...(name === 'https' && { scheme: 'HTTPS' }) };
}
