/** What there is of a service already, to be compared with what it is to be: on a cluster, or in a folder. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, messageOf } from '#base';
import { openCluster, ownedBy } from '#kube';
import { type KubeObject, keyOf, parseObjects, withoutServerFields } from '#manifests';
import { describeIssue } from '#spec';
import { readText } from './read-text.ts';

/** Which cluster, as kubectl has it. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/**
 * As the cluster has them, as far as `wanted` speaks of them: each of these, and what fairlead made for the same services and is no
 * longer wanted. Throws as `openCluster` does, and what the cluster says.
 */
export async function liveObjects(
  wanted: readonly KubeObject[],
  services: readonly string[],
  { signal, ...flags }: ClusterFlags & { readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const cluster = await openCluster({ ...flags, signal });
  try {
    const found: KubeObject[] = [];
    for (const object of wanted) {
      const { apiVersion, kind, metadata } = object;
      const { namespace = cluster.namespace, name } = metadata;
      const live = await cluster.get({ apiVersion, kind, namespace, name });
      if (live !== undefined) found.push(withoutServerFields(live, object));
    }
    const keys = new Set(wanted.map(object => keyOf(inNamespace(object, cluster.namespace))));
    const isSurplus = (one: KubeObject): boolean => !keys.has(keyOf(inNamespace(one, cluster.namespace)));
    for (const service of services) {
      const { objects } = await ownedBy(service, cluster, cluster.namespace);
      found.push(...objects.filter(isSurplus).map(bare));
    }
    return found;
  } finally {
    cluster.close();
  }
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { namespace, ...object.metadata } };
}

/** Of one that goes, it is enough to say which. */
function bare({ apiVersion, kind, metadata: { name } }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name } };
}

/** Files of objects: what kustomize is told is none. */
const OBJECTS = /^(?!kustomization\.).*\.(?:ya?ml|json)$/;

/** Of every file of YAML or JSON below a folder. Throws `file_unreadable`. */
export async function folderObjects(folder: string): Promise<readonly KubeObject[]> {
  const found: KubeObject[] = [];
  for (const path of await filesBelow(folder)) {
    const objects = parseObjects(await readText(path));
    if (!objects.ok) throw unreadable(path, describeIssue(objects.error));
    found.push(...objects.value);
  }
  return found;
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter(entry => entry.isFile() && OBJECTS.test(entry.name));
    return files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  } catch (error: unknown) {
    throw unreadable(folder, messageOf(error), error);
  }
}

function unreadable(path: string, problem: string, cause?: unknown): Error {
  return failure('file_unreadable', { path, problem }, cause);
}
