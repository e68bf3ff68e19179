/** What a file says and its server in a container does not do: refused, unless something else here does it. */
import type { LeftOut } from '#spec';
import { doorOf } from './door.ts';
import type { Refused } from './refused.ts';
import type { Release } from './release.ts';
import { type Router, routerOf } from './router.ts';

/** What fairlead's own gateway does for servers of others, what any route does, and what a pod does as it ends. */
const ofRouters: Readonly<Record<Router, readonly string[]>> = {
  none: ['server.drain'],
  replicas: ['server.drain'],
  builtin: ['server.deadline', 'server.limits', 'server.drain'],
  gatewayApi: ['server.deadline', 'server.drain'],
  istio: ['server.deadline', 'server.drain'],
};

/** What else it does where it stands before servers of others alone. */
const ofDoor = [...ofRouters.builtin, 'server.auth', 'server.tls', 'server.cors', 'server.tracing'];

/** What was kept when the image was made, or has another name there: it had its effect, and `leftNotes` tells it. */
const TOLD = /^(policy\.|runtime\.\w+\.program$)/;

export function leftRefusals(release: Release): Refused[] {
  const done = doorOf(release) === undefined ? ofRouters[routerOf(release)] : ofDoor;
  return left(release)
    .filter(({ field }) => !TOLD.test(field) && !done.includes(field))
    .map(({ field, why }) => ({
      path: `spec.${field}`,
      problem: `has no effect here: ${why}${ofDoor.includes(field) ? ' (spec.traffic.builtin is one)' : ''}`,
    }));
}

/** A sentence each. */
export function leftNotes(release: Release): string[] {
  return left(release)
    .filter(({ field }) => TOLD.test(field))
    .map(({ field, why }) => `spec.${field} changes nothing in pods: ${why}`);
}

function left({ arms }: Release): LeftOut[] {
  const all = arms.flatMap(arm => arm.left);
  return [...new Map(all.map(one => [one.field, one])).values()];
}
