/**
 * Who says how many pods a Deployment has. Where an autoscaler does, `spec.replicas` is not ours to write; and a field that its only
 * manager no longer names goes back to its default, which is 1. So a count of ours is handed over before it is let go.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
 */
import type { AppError } from '#base';
import { type LiveObject, MANAGER, type ManagedFields, type WantedObject } from '../kube-object.ts';
import type { Conflict } from '../refusal.ts';
import { isAutoscaler } from './owned.ts';

/** Holds a count until an autoscaler sets another one. */
export const HOLDER = 'fairlead-replicas';
/** Writes counts for HorizontalPodAutoscalers, KEDA's too. */
const AUTOSCALING = 'kube-controller-manager';
const FIELD = '.spec.replicas';

interface Scaled {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReplicas?: number;
    readonly minReplicaCount?: number;
    readonly maxReplicas?: number;
    readonly maxReplicaCount?: number;
    readonly scaleTargetRef?: { readonly name?: string };
  };
}

export function replicasOf(object: WantedObject): number | undefined {
  return (object as Scaled).spec?.replicas;
}

/** The Deployment that an autoscaler scales. */
export function targetOf(autoscaler: WantedObject): string | undefined {
  return (autoscaler as Scaled).spec?.scaleTargetRef?.name;
}

/** What to apply as the holder before a count is let go; undefined where we hold none. */
export function handOver(wanted: WantedObject, live: LiveObject): WantedObject | undefined {
  const count = replicasOf(live);
  const isLetGo = wanted.kind === 'Deployment' && replicasOf(wanted) === undefined && count !== undefined;
  if (!isLetGo || !(live.metadata.managedFields ?? []).some(ownsReplicas)) return undefined;
  const { name, namespace } = live.metadata;
  return {
    apiVersion: wanted.apiVersion,
    kind: wanted.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: { replicas: count },
  };
}

function ownsReplicas({ manager, operation, fieldsV1 }: ManagedFields): boolean {
  const spec = fieldsV1?.['f:spec'];
  const isOurs = manager === MANAGER && operation === 'Apply';
  return isOurs && typeof spec === 'object' && spec !== null && 'f:replicas' in spec;
}

/**
 * A Deployment that is not there yet, with the pods to begin with where an autoscaler says how many there are later. One that is to
 * take over all requests begins with as many as what it replaces has now.
 */
export function begun(wanted: WantedObject, all: readonly WantedObject[], replaced: number): WantedObject {
  if (wanted.kind !== 'Deployment' || replicasOf(wanted) !== undefined) return wanted;
  const scaler = all.find(one => isAutoscaler(one) && targetOf(one) === wanted.metadata.name);
  if (scaler === undefined) return wanted;
  const { spec = {} } = scaler as Scaled;
  const least = spec.minReplicas ?? spec.minReplicaCount ?? 1;
  const most = spec.maxReplicas ?? spec.maxReplicaCount ?? Number.POSITIVE_INFINITY;
  const replicas = Math.min(most, Math.max(1, least, replaced));
  return { ...wanted, spec: { ...(wanted['spec'] as object), replicas } };
}

/** Whether all that stands against it are counts of an autoscaler that is gone, or that we hold ourselves. */
export function isCountOnly(error: AppError): boolean {
  if (error.code !== 'apply_conflict') return false;
  const { conflicts } = error.facts as { conflicts: readonly Conflict[] };
  return conflicts.every(
    ({ manager, field }) => field === FIELD && (manager === HOLDER || manager === AUTOSCALING),
  );
}
