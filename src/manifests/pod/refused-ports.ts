import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { portsOf } from './ports.ts';

/** Ports of which a pod has only one each, and what probes cannot reach. */
export function portRefusals(arm: PodArm): Refused[] {
  const { tls } = arm.service.spec.server;
  const taken = portsOf(arm).map(({ containerPort }) => containerPort);
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
