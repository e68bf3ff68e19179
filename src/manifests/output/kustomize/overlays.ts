/** What differs between a staging and a production cluster, as a start for a person to edit. */
import type { KubeObject } from '../../object.ts';
import { containersOf, imageParts, isDeployment } from '../pod-templates.ts';
import { leaves, type Path, valueAt } from '../walk.ts';

export const KUSTOMIZATION = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
} as const;

/** A change of one member: RFC 6902. */
interface Change {
  readonly op: 'replace';
  readonly path: string;
  readonly value: string | number;
}

interface Patch {
  readonly target: { readonly kind: string; readonly name: string };
  readonly changes: readonly Change[];
}

export interface Overlay {
  readonly environment: string;
  readonly namespace: string | undefined;
  readonly replicas: readonly { readonly name: string; readonly count: number }[];
  readonly patches: readonly Patch[];
}

/** As the base, until somebody edits it. */
export function production(objects: readonly KubeObject[]): Overlay {
  return {
    environment: 'production',
    namespace: namespaceOf(objects),
    replicas: replicasOf(objects, Number.POSITIVE_INFINITY),
    patches: [],
  };
}

/** One pod of each, two where it is scaled, in a namespace of its own: nothing of it gets in production's way. */
export function staging(objects: readonly KubeObject[], name: string): Overlay {
  const own = namespaceOf(objects);
  const namespace = `${own ?? name}-staging`;
  const hosts = own === undefined ? undefined : hostsOf(objects, own);
  const moved = hosts === undefined ? [] : objects.flatMap(object => movedPatch(object, hosts, namespace));
  return {
    environment: 'staging',
    namespace,
    replicas: replicasOf(objects, 1),
    patches: [...objects.flatMap(scalerPatch), ...moved],
  };
}

function namespaceOf([first]: readonly KubeObject[]): string | undefined {
  return first?.metadata.namespace;
}

function replicasOf(objects: readonly KubeObject[], most: number): Overlay['replicas'] {
  return objects.filter(isDeployment).flatMap(object => {
    const count = valueAt(object, ['spec', 'replicas']);
    return typeof count === 'number' ? [{ name: object.metadata.name, count: Math.min(count, most) }] : [];
  });
}

const BOUNDS: Readonly<Record<string, readonly [least: string, most: string]>> = {
  HorizontalPodAutoscaler: ['minReplicas', 'maxReplicas'],
  ScaledObject: ['minReplicaCount', 'maxReplicaCount'],
};

function scalerPatch(object: KubeObject): Patch[] {
  const changes = (BOUNDS[object.kind] ?? []).flatMap((bound, at): Change[] => {
    const value = valueAt(object, ['spec', bound]);
    return typeof value === 'number' ? [change(['spec', bound], Math.min(value, at + 1))] : [];
  });
  return patchOf(object, changes);
}

/** Services of ours as hosts in a namespace: `digits.ml`, also where `.svc` and more follows, and within a text. */
function hostsOf(objects: readonly KubeObject[], namespace: string): RegExp {
  const names = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
  const any = names.toSorted((a, b) => b.length - a.length).join('|');
  return new RegExp(`(?<![-.a-z0-9])(${any})\\.${namespace}(?![-a-z0-9])`, 'g');
}

/** Names of hosts hold their namespace, and kustomize moves only what it knows to be one. */
function movedPatch(object: KubeObject, hosts: RegExp, to: string): Patch[] {
  const changes = [...leaves(object)].flatMap(([path, value]): Change[] => {
    const moved = typeof value === 'string' ? value.replaceAll(hosts, `$1.${to}`) : value;
    return typeof moved === 'string' && moved !== value ? [change(path, moved)] : [];
  });
  return patchOf(object, changes);
}

function patchOf({ kind, metadata }: KubeObject, changes: readonly Change[]): Patch[] {
  return changes.length === 0 ? [] : [{ target: { kind, name: metadata.name }, changes }];
}

/** Of what is there: RFC 6902 §4.3. */
function change(path: Path, value: string | number): Change {
  const steps = path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return { op: 'replace', path: steps.join(''), value };
}

/** Repositories that pods have images from. */
export function repositoriesOf(objects: readonly KubeObject[]): string[] {
  const images = objects.flatMap(containersOf).map(({ container }) => container['image']);
  return [
    ...new Set(images.filter(image => typeof image === 'string').map(one => imageParts(one).repository)),
  ];
}
