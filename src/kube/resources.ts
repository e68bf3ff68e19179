/** What a cluster has: its kinds, with the paths they lie under. */
import { groupOf, type KindRef, type ObjectRef } from './kube-object.ts';

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Its part of a path. */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** The kinds of a cluster; of one in several versions, the version it prefers comes first. */
export class Resources {
  readonly #all: readonly Resource[];

  constructor(all: readonly Resource[]) {
    this.#all = all;
  }

  /** The kind in that version. */
  find({ apiVersion, kind }: KindRef): Resource | undefined {
    return this.#all.find(one => apiVersionOf(one) === apiVersion && one.kind === kind);
  }

  /** The kind in whichever version the cluster prefers. */
  preferred(group: string, kind: string): KindRef | undefined {
    const found = this.#all.find(one => one.group === group && one.kind === kind);
    return found === undefined ? undefined : { apiVersion: apiVersionOf(found), kind };
  }
}

function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path of a kind in a namespace, or of one object of it. */
export function pathOf(resource: Resource, { namespace, name }: Partial<ObjectRef>): string {
  const root = resource.group === '' ? '/api/v1' : `/apis/${apiVersionOf(resource)}`;
  const within =
    resource.isNamespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${within}/${resource.plural}${one}`;
}

/** What has to be installed for a kind to be there. */
export function remedyFor({ apiVersion, kind }: KindRef): string {
  const group = groupOf(apiVersion);
  const found = INSTALLED_WITH.find(([suffix]) => group === suffix || group.endsWith(`.${suffix}`));
  return found === undefined ? `install what defines ${kind}` : `install ${found[1]}`;
}

const INSTALLED_WITH: readonly (readonly [group: string, what: string])[] = [
  ['gateway.networking.k8s.io', 'the CRDs of the Gateway API and an implementation of it'],
  ['istio.io', 'Istio'],
  ['keda.sh', 'KEDA'],
  ['monitoring.coreos.com', 'the Prometheus operator'],
  ['resource.k8s.io', 'a Kubernetes with dynamic resource allocation (1.34 or newer)'],
];
