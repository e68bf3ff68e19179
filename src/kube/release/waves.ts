/** The order in which objects are written, so that whatever points to pods is written after them. */
import type { WantedObject } from '../kube-object.ts';
import { refOf } from '../kube-object.ts';
import { isFront } from './owned.ts';

export interface Waves {
  /** Pods, and what they and their keepers need. */
  readonly pods: readonly WantedObject[];
  /** Pods that pass requests on to those: a gateway with its settings. */
  readonly gateways: readonly WantedObject[];
  /** What requests come by. */
  readonly fronts: readonly WantedObject[];
}

/** A smaller one is written first: pods find what they mount, and Istio a policy before the route that needs it. */
const RANK: Readonly<Record<string, number>> = {
  ServiceAccount: 0,
  ConfigMap: 0,
  ResourceClaimTemplate: 0,
  Role: 0,
  RoleBinding: 1,
  NetworkPolicy: 1,
  DestinationRule: 1,
  Service: 2,
  Deployment: 3,
};
const LAST = 4;

export function wavesOf(
  service: string,
  objects: readonly WantedObject[],
  isRoute: (object: WantedObject) => boolean,
): Waves {
  const sorted = objects.toSorted((a, b) => (RANK[a.kind] ?? LAST) - (RANK[b.kind] ?? LAST));
  const routes = sorted.filter(isRoute);
  const isFrontOf = (object: WantedObject): boolean => isFront(refOf(object), service);
  return {
    pods: sorted.filter(object => !routes.includes(object)),
    gateways: routes.filter(object => !isFrontOf(object)),
    fronts: routes.filter(isFrontOf),
  };
}
