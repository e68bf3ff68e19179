/** What fairlead's gateway does in place of servers of others. */
import type { PodArm, PodDoor, Release } from './release.ts';
import { routerOf } from './router.ts';

/** Undefined where there is no such gateway, or the servers behind it are fairlead's own. */
export function doorOf(release: Release): PodDoor | undefined {
  return routerOf(release) === 'builtin' ? release.arms[0].door : undefined;
}

/** The same as of a server: what a gateway mounts and is asked for is what that would, were it the door. */
export function doorArm(release: Release): PodArm | undefined {
  const door = doorOf(release);
  if (door === undefined) return undefined;
  const [stable] = release.arms;
  const { server, settings, mounted } = door;
  const spec = { ...stable.service.spec, server: { ...stable.service.spec.server, ...server } };
  return { ...stable, service: { ...stable.service, spec }, settings, mounted };
}

/** Whether it asks clients who they are: whoever reached the servers beside it would be asked by nobody. */
export function isGuarded(release: Release): boolean {
  const { auth, tls } = doorOf(release)?.server ?? {};
  return auth !== undefined || tls?.clientAuthority !== undefined;
}
