/**
 * Settings that pods follow while they run: a gateway's plan in a ConfigMap. A kubelet looks at what is mounted once a minute or so
 * (64 s measured), and at once when something of the pod itself changes (below 1 s measured); so the pod is told of it.
 */
import { AppError } from '#base';
import type { LiveObject, WantedObject } from '../kube-object.ts';
import { selectorOf } from './owned.ts';
import type { Run } from './run.ts';

/** How long a kubelet may take by itself: its period, half as long again for chance, and the read. Milliseconds. */
export const UNTOLD_MS = 95_000;

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

interface Mounting extends LiveObject {
  readonly spec?: { readonly volumes?: readonly { readonly configMap?: { readonly name?: string } }[] };
}

/** Tells all pods that mount one of these of the version it has now; false where that may not be done. */
export async function told(run: Run, settings: readonly WantedObject[]): Promise<boolean> {
  const maps = settings.filter(({ kind }) => kind === 'ConfigMap');
  if (maps.length === 0) return true;
  const { cluster, service, namespace } = run;
  try {
    const pods = await cluster.list(POD, { namespace, labels: selectorOf(service) });
    for (const map of maps) await tellOf(run, map, pods);
    return true;
  } catch (error: unknown) {
    if (error instanceof AppError && error.code === 'cluster_refused') return false;
    throw error;
  }
}

async function tellOf(run: Run, map: WantedObject, pods: readonly Mounting[]): Promise<void> {
  const { cluster, namespace } = run;
  const { apiVersion, kind, metadata } = map;
  const live = await cluster.get({ apiVersion, kind, namespace, name: metadata.name });
  const version = live?.metadata.resourceVersion ?? '';
  const following = pods.filter(({ spec }) =>
    spec?.volumes?.some(({ configMap }) => configMap?.name === metadata.name),
  );
  for (const pod of following)
    await tellPod(run, pod.metadata.name, { [`fairlead.dev/${metadata.name}`]: version });
}

async function tellPod(run: Run, name: string, annotations: Record<string, string>): Promise<void> {
  run.signal.throwIfAborted();
  try {
    await run.cluster.apply({ ...POD, metadata: { name, namespace: run.namespace, annotations } });
  } catch (error: unknown) {
    // It has gone since it was listed, and another one of its name would need more than this.
    if (!(error instanceof AppError && error.code === 'object_refused')) throw error;
  }
}
