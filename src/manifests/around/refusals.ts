/** What a file says of scaling, metrics and ports that could have no effect on a cluster. */
import { foreignKind } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { listenersOf } from './listeners.ts';
import { metricsRefusals } from './metrics-refusals.ts';
import { scalingRefusals } from './scaling-refusals.ts';

export function aroundRefusals(release: Release): Refused[] {
  return [...scalingRefusals(release), ...metricsRefusals(release), ...portRefusals(release.arms[0])];
}

/** Each number is one door; the Service has HTTP at one of its own. */
function portRefusals(stable: PodArm): Refused[] {
  const { isSecure, http, grpc, metrics, health } = listenersOf(stable);
  const { server, runtime } = stable.service.spec;
  const kind = foreignKind(runtime);
  const taken = new Map([[http, 'HTTP']]);
  const asked = [
    [grpc, 'gRPC', 'spec.runtime.custom.ports.grpc'],
    [kind === 'custom' ? metrics : undefined, 'metrics', 'spec.runtime.custom.ports.metrics'],
    [server.tls && health, 'health', 'spec.server.tls.healthPort'],
  ] as const;
  const refused: Refused[] = [];
  for (const [port, what, path] of asked) {
    if (port === undefined) continue;
    const other = taken.get(port);
    if (other !== undefined) refused.push({ path, problem: `cannot be ${port}: a pod has ${other} there` });
    else if (what === 'gRPC' && port === (isSecure ? 443 : 80))
      refused.push({ path, problem: `cannot be ${port}: the Service has HTTP there` });
    taken.set(port, other ?? what);
  }
  return refused;
}
