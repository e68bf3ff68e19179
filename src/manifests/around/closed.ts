/** Which ports of servers are for their gateway alone: one that asks for credentials would be passed by else. */
import { isGuarded } from '../door.ts';
import { metricsAt, portsOf } from '../pod/ports.ts';
import type { PodArm, Release } from '../release.ts';

/** All but those for metrics alone. */
export function closedNumbers(release: Release): number[] {
  if (!isGuarded(release)) return [];
  const ports = release.arms.flatMap(arm => portsOf(arm).filter(({ name }) => name !== 'metrics'));
  return ports.map(({ containerPort }) => containerPort);
}

/** Whether the page for Prometheus is at such a port. */
export function isHidden(release: Release, arm: PodArm): boolean {
  const at = metricsAt(arm);
  return at !== undefined && closedNumbers(release).includes(at.port);
}
