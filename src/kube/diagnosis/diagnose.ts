import { AppError } from '#base';
import type { Cluster } from '../cluster.ts';
import { type LiveObject, refOf } from '../kube-object.ts';
import { logOf, type Pod } from './pod.ts';
import type { Reason } from './reason.ts';
import { reasonsOf } from './reasons.ts';
import { lastLines } from './words.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';
/** Of hundreds of pods that wait for the same, a few tell why. */
const LOOKED_AT = 5;
const TAIL = 20;

/**
 * Why a Deployment does not come up: looks at its latest pods, what was told of them, and the end of the log of one that fails. What
 * may not be looked at is left out.
 */
export async function diagnose(cluster: Cluster, deployment: LiveObject): Promise<readonly Reason[]> {
  const { namespace = cluster.namespace } = deployment.metadata;
  const list = (apiVersion: string, kind: string): Promise<readonly LiveObject[]> =>
    allowed(() => cluster.list({ apiVersion, kind }, { namespace, labels: podsOf(deployment) }), []);
  const [replicaSets, all] = await Promise.all([list('apps/v1', 'ReplicaSet'), list('v1', 'Pod')]);
  const replicaSet = latest(replicaSets.filter(one => isOwned(one, deployment)));
  const pods = podsToLookAt(all, replicaSet);
  const told = [...(replicaSet === undefined ? [] : [replicaSet]), ...pods];
  const events = await Promise.all(told.map(one => allowed(() => cluster.events(one), [])));
  return reasonsOf({ deployment, replicaSet, pods, events: events.flat(), logs: await logs(cluster, pods) });
}

function podsOf(deployment: LiveObject): string {
  const { spec } = deployment as { spec?: { selector?: { matchLabels?: Record<string, string> } } };
  return Object.entries(spec?.selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function isOwned({ metadata }: LiveObject, { metadata: { uid } }: LiveObject): boolean {
  return metadata.ownerReferences?.some(owner => owner.uid === uid) ?? false;
}

function latest(replicaSets: readonly LiveObject[]): LiveObject | undefined {
  const numberOf = ({ metadata }: LiveObject): number => Number(metadata.annotations?.[REVISION] ?? 0);
  return replicaSets.toSorted((a, b) => numberOf(b) - numberOf(a))[0];
}

function podsToLookAt(all: readonly LiveObject[], replicaSet: LiveObject | undefined): readonly Pod[] {
  const hash = replicaSet?.metadata.labels?.[HASH];
  const isMeant = ({ metadata }: LiveObject): boolean =>
    metadata.deletionTimestamp === undefined && metadata.labels?.[HASH] === hash;
  return all.filter(isMeant).slice(0, LOOKED_AT);
}

async function logs(cluster: Cluster, pods: readonly Pod[]) {
  const found = logOf(pods);
  const pod = pods.find(({ metadata }) => metadata.name === found?.pod);
  if (found === undefined || pod === undefined) return [];
  const { container, isPrevious } = found;
  const read = (): Promise<readonly string[]> =>
    cluster.logs({ ...refOf(pod), apiVersion: 'v1', kind: 'Pod' }, { container, tail: TAIL, isPrevious });
  return [{ pod: found.pod, container, lines: lastLines(await allowed(read, [])) }];
}

/** A reason that cannot be had is no reason to fail. */
async function allowed<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (error: unknown) {
    if (error instanceof AppError) return otherwise;
    throw error;
  }
}
