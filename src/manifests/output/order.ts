/** In which order objects are applied and written. */
import { type KubeObject, keyOf } from '../object.ts';
import { byAlphabet } from './yaml/member-order.ts';

/** What is referred to comes before what refers to it, pods before what points traffic at them, and a host's subsets before its routes. */
const KINDS = `
Namespace CustomResourceDefinition PriorityClass ResourceQuota LimitRange
ServiceAccount ClusterRole ClusterRoleBinding Role RoleBinding
Secret ConfigMap StorageClass PersistentVolume PersistentVolumeClaim DeviceClass ResourceClaim ResourceClaimTemplate
NetworkPolicy DaemonSet Deployment Service PodDisruptionBudget HorizontalPodAutoscaler ScaledObject
PodMonitor ServiceMonitor PrometheusRule
`;

const ROUTES = 'Gateway DestinationRule VirtualService HTTPRoute GRPCRoute';

const before = ranks(KINDS, 0);
const after = ranks(ROUTES, before.size + 1);

function ranks(kinds: string, from: number): ReadonlyMap<string, number> {
  return new Map(
    kinds
      .trim()
      .split(/\s+/)
      .map((kind, at) => [kind, from + at]),
  );
}

/** By kind, then by name. A kind that is not known comes after pods and before routes. */
export function ordered(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.toSorted((a, b) => rankOf(a) - rankOf(b) || byAlphabet(placeOf(a), placeOf(b)));
}

function rankOf({ kind }: KubeObject): number {
  return before.get(kind) ?? after.get(kind) ?? before.size;
}

/** A name has no blank, so what is before it decides first. */
function placeOf(object: KubeObject): string {
  const { kind, metadata } = object;
  return [kind, metadata.name, keyOf(object)].join(' ');
}
