/** What a file says of scaling, metrics and ports that could have no effect on a cluster. */
import { portsOf } from '../pod/ports.ts';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { metricsRefusals } from './metrics-refusals.ts';
import { scalingRefusals } from './scaling-refusals.ts';

export function aroundRefusals(release: Release): Refused[] {
  return [...scalingRefusals(release), ...metricsRefusals(release), ...portRefusals(release.arms[0])];
}

/** A Service has each number once, and HTTP at one of its own. Only a server of the user's own speaks gRPC elsewhere, and none over TLS. */
function portRefusals(stable: PodArm): Refused[] {
  const isTaken = portsOf(stable).some(({ name, containerPort }) => name === 'grpc' && containerPort === 80);
  if (!isTaken) return [];
  return [{ path: 'spec.runtime.custom.ports.grpc', problem: 'cannot be 80: the Service has HTTP there' }];
}
