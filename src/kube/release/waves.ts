/** The order in which objects are written, so that whatever points to pods is written after them. */
import { refOf, type WantedObject } from '../kube-object.ts';
import { isEntry } from './owned.ts';

export interface Waves {
  /** Pods, and what they and their keepers need. Also what will point, and to which nothing leads yet. */
  readonly pods: readonly WantedObject[];
  /** What is followed by those who pass requests on: a gateway's plan, a policy of a mesh. */
  readonly followed: readonly WantedObject[];
  /** What requests come by. */
  readonly entries: readonly WantedObject[];
}

/** A smaller one is written first: pods find what they mount, and a route the Service that it names. */
const RANK: Readonly<Record<string, number>> = {
  ServiceAccount: 0,
  ConfigMap: 0,
  ResourceClaim: 0,
  ResourceClaimTemplate: 0,
  NetworkPolicy: 1,
  DestinationRule: 1,
  Service: 2,
  Deployment: 3,
};
const LAST = 4;

/** `isThere` tells of an object whether there is one of its name. */
export function wavesOf(
  service: string,
  objects: readonly WantedObject[],
  isRoute: (object: WantedObject) => boolean,
  isThere: (object: WantedObject) => boolean,
): Waves {
  const sorted = objects.toSorted((a, b) => (RANK[a.kind] ?? LAST) - (RANK[b.kind] ?? LAST));
  const routes = sorted.filter(isRoute);
  const entries = routes.filter(object => isEntry(refOf(object), service));
  const others = routes.filter(object => !entries.includes(object));
  // New ones have to be there early: pods mount a plan, and a mesh has to know of a policy before a route names it.
  const fresh = others.filter(object => !isThere(object));
  return {
    pods: sorted.filter(object => fresh.includes(object) || !routes.includes(object)),
    followed: others.filter(isThere),
    entries,
  };
}
