import type { ServerOptions } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodPort } from './ports.ts';

/** Ports of which a pod has only one each, and what probes cannot reach. */
export function portRefusals(ports: readonly PodPort[], tls: ServerOptions['tls']): Refused[] {
  const taken = ports.map(({ containerPort }) => containerPort);
  const twice = taken.find((port, at) => taken.indexOf(port) !== at);
  const refused: Refused[] = [];
  if (twice !== undefined)
    refused.push({
      path: tls?.healthPort === twice ? 'spec.server.tls.healthPort' : 'spec.runtime.custom.ports',
      problem: `takes port ${twice} of a pod twice: its ports are ${taken.join(', ')}`,
    });
  if (tls?.clientAuthority !== undefined && tls.healthPort === undefined)
    refused.push({
      path: 'spec.server.tls.healthPort',
      problem:
        'is missing: with clientAuthority, probes of the kubelet would have to show a certificate, and have none',
    });
  return refused;
}
