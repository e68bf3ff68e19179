/**
 * What belongs to a service on a cluster. Labels find it, and the API server's own record of who applied it decides: an object that
 * carries our labels because somebody else put our YAML there (Argo CD, `kubectl apply`) is theirs. An inventory in a ConfigMap
 * would be a second write beside each change, and whoever is killed between the two leaves what nobody knows of.
 */
import { AppError } from '#base';
import type { Cluster } from '../cluster.ts';
import { groupOf, type LiveObject, MANAGER, type ObjectRef } from '../kube-object.ts';

const INSTANCE = 'app.kubernetes.io/instance';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** All kinds that a service may ever have had, so that what it no longer wants is found too. Group and kind. */
export const OWNED_KINDS: readonly (readonly [group: string, kind: string])[] = [
  ['gateway.networking.k8s.io', 'HTTPRoute'],
  ['gateway.networking.k8s.io', 'GRPCRoute'],
  ['gateway.networking.k8s.io', 'BackendTLSPolicy'],
  ['networking.istio.io', 'VirtualService'],
  ['networking.istio.io', 'DestinationRule'],
  ['', 'Service'],
  ['autoscaling', 'HorizontalPodAutoscaler'],
  ['keda.sh', 'ScaledObject'],
  ['keda.sh', 'TriggerAuthentication'],
  ['apps', 'Deployment'],
  ['policy', 'PodDisruptionBudget'],
  ['networking.k8s.io', 'NetworkPolicy'],
  ['monitoring.coreos.com', 'PodMonitor'],
  ['monitoring.coreos.com', 'PrometheusRule'],
  ['resource.k8s.io', 'ResourceClaimTemplate'],
  ['resource.k8s.io', 'ResourceClaim'],
  ['', 'ConfigMap'],
  ['', 'ServiceAccount'],
];

export interface Owned {
  /** Of each its metadata only. */
  readonly objects: readonly LiveObject[];
  /** Kinds that the cluster has and that we may not look at. */
  readonly unseen: readonly string[];
}

/** Kinds that the cluster does not have are passed over: nothing of them can be there. */
export async function ownedBy(service: string, cluster: Cluster, namespace: string): Promise<Owned> {
  const resources = await cluster.resources();
  const kinds = OWNED_KINDS.flatMap(([group, kind]) => resources.preferred(group, kind) ?? []);
  const labels = selectorOf(service);
  const lists = await Promise.all(
    kinds.map(async kind => {
      try {
        return await cluster.list(kind, { namespace, labels, isMetadataOnly: true });
      } catch (error: unknown) {
        if (error instanceof AppError && error.code === 'cluster_refused') return kind.kind;
        throw error;
      }
    }),
  );
  return {
    objects: lists.flatMap(list => (typeof list === 'string' ? [] : list.filter(isApplied))),
    unseen: lists.filter(list => typeof list === 'string'),
  };
}

export function selectorOf(service: string): string {
  return `${MANAGED_BY}=${MANAGER},${INSTANCE}=${service}`;
}

/** Whether it was applied by us, and not made by somebody or something else with the same labels. */
function isApplied({ metadata: { managedFields = [] } }: LiveObject): boolean {
  return managedFields.some(({ manager, operation }) => manager === MANAGER && operation === 'Apply');
}

/** The other service that an object belongs to, if it does. */
export function otherOwner({ metadata: { labels = {} } }: LiveObject, service: string): string | undefined {
  const owner = labels[MANAGED_BY] === MANAGER ? labels[INSTANCE] : undefined;
  return owner === service ? undefined : owner;
}

const POINTING = ['gateway.networking.k8s.io', 'networking.istio.io'];

/** Whether it decides where requests go: what goes first when a service goes. */
export function isFront({ apiVersion, kind, name }: ObjectRef, service: string): boolean {
  return kind === 'Service' ? name === service : POINTING.includes(groupOf(apiVersion));
}

/** Whether requests come by it: a policy that is for what they come by is none itself. */
export function isEntry(ref: ObjectRef, service: string): boolean {
  return isFront(ref, service) && ref.kind !== 'DestinationRule';
}

/** Whether it changes how many pods something else has. */
export function isAutoscaler({ kind }: Pick<ObjectRef, 'kind'>): boolean {
  return kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject';
}
