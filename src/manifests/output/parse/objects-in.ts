/** Which objects data holds: one, or all of a list. */
import type { KubeObject } from '../../object.ts';

/** What is nested deeper is no object of Kubernetes, and would end the stack of whoever walks it. */
const MOST_DEPTH = 100;

export type Path = readonly (string | number)[];

interface Fault {
  readonly path: Path;
  readonly problem: string;
}

type Members = Readonly<Record<string, unknown>>;

/** A `List`, or one of a kind such as `DeploymentList`, stands for its items. */
export function objectsIn(value: unknown): { readonly objects: readonly KubeObject[] } | Fault {
  if (isMap(value) && typeof value['kind'] === 'string' && Array.isArray(value['items'])) {
    return itemsOf(value['items'], value['kind'], value['apiVersion']);
  }
  return isObject(value) ? { objects: [value] } : (faultOf(value) ?? { objects: [] });
}

/** A `DeploymentList` says what its items are, and a `List` leaves that to them. */
function itemsOf(items: readonly unknown[], kind: string, apiVersion: unknown): ReturnType<typeof objectsIn> {
  const said = kind === 'List' ? {} : { apiVersion, kind: kind.replace(/List$/, '') };
  const all = items.map(item => (isMap(item) ? { ...said, ...item } : item));
  for (const [at, item] of all.entries()) {
    const fault = faultOf(item);
    if (fault !== undefined) return { path: ['items', at, ...fault.path], problem: fault.problem };
  }
  return { objects: all.filter(isObject) };
}

function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObject(value: unknown): value is KubeObject {
  return faultOf(value) === undefined;
}

function faultOf(value: unknown): Fault | undefined {
  if (!isMap(value)) return { path: [], problem: 'must be an object of Kubernetes, which is a map' };
  const untold = ['apiVersion', 'kind'].find(key => typeof value[key] !== 'string');
  if (untold !== undefined) return { path: [untold], problem: 'must be text' };
  const { metadata } = value;
  const name = isMap(metadata) ? metadata['name'] : undefined;
  if (typeof name !== 'string' || name === '') {
    return { path: ['metadata', 'name'], problem: 'must be text: it says which object this is' };
  }
  return isDeeper(value, MOST_DEPTH)
    ? { path: [], problem: `is nested deeper than ${MOST_DEPTH}` }
    : undefined;
}

function isDeeper(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some(inner => isDeeper(inner, left - 1));
}
