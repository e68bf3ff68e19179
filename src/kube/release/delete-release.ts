import { failure } from '#base';
import type { Cluster } from '../cluster.ts';
import { keyOf, type LiveObject, refOf, subjectOf } from '../kube-object.ts';
import { isAutoscaler, isFront, ownedBy } from './owned.ts';
import { type Run, type RunOptions, removeAll } from './run.ts';

export interface DeleteReleaseOptions extends RunOptions {
  /** Until all pods have ended; else only until their end has begun. */
  readonly wait: boolean;
  readonly timeoutMs: number;
}

const POLL_MS = 1_000;

/**
 * Deletes all that `applyRelease` made for a service, and nothing else: what requests come by, what changes the number of pods, the
 * pods, and then what they needed. Gives how many objects there were.
 */
export async function deleteRelease(
  service: string,
  cluster: Cluster,
  options: DeleteReleaseOptions,
): Promise<number> {
  const run: Run = { ...options, cluster, service, namespace: cluster.namespace };
  const { objects, unseen } = await ownedBy(service, cluster, run.namespace);
  if (unseen.length > 0) run.tell({ kind: 'unseen', kinds: unseen });
  const there = objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const rank = (one: LiveObject): number => rankOf(one, service);
  await removeAll(
    run,
    there.toSorted((a, b) => rank(a) - rank(b)),
    true,
  );
  if (options.wait) await gone(run, objects, run.clock.now() + options.timeoutMs);
  return there.length;
}

function rankOf(object: LiveObject, service: string): number {
  if (isFront(refOf(object), service)) return 0;
  if (isAutoscaler(object)) return 1;
  return object.kind === 'Deployment' ? 2 : 3;
}

/** In the foreground a Deployment is there until its last pod has ended. */
async function gone(run: Run, objects: readonly LiveObject[], until: number): Promise<void> {
  const { cluster, service, namespace } = run;
  const keys = new Set(objects.map(one => keyOf(refOf(one), namespace)));
  for (;;) {
    const left = (await ownedBy(service, cluster, namespace)).objects.filter(one =>
      keys.has(keyOf(refOf(one), namespace)),
    );
    const [first] = left;
    if (first === undefined) return;
    if (run.clock.now() >= until) {
      const problem = `is not gone in time, and so are ${left.length - 1} more`;
      const outcome = 'their end has begun, and Kubernetes goes on with it';
      throw failure('rollout_failed', { subject: subjectOf(refOf(first)), problem, outcome });
    }
    await run.sleep(POLL_MS, run.signal);
  }
}
