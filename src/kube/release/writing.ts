import { AppError, failure, stableJson } from '#base';
import type { Cluster } from '../cluster.ts';
import { type LiveObject, type ObjectRef, refOf, subjectOf, type WantedObject } from '../kube-object.ts';
import { remedyFor } from '../resources.ts';
import { otherOwner } from './owned.ts';
import { HOLDER, handOver, isCountOnly, targetOf } from './replicas.ts';
import type { Run } from './run.ts';

/** An object that is to be there, and what is there now. */
export interface Planned {
  readonly wanted: WantedObject;
  readonly live: LiveObject | undefined;
}

/** Looks up all of them. Throws kind_unknown or object_taken before anything is written. */
export async function planned(run: Run, objects: readonly WantedObject[]): Promise<readonly Planned[]> {
  const resources = await run.cluster.resources();
  for (const wanted of objects) {
    if (resources.find(wanted) !== undefined) continue;
    const { apiVersion } = wanted;
    throw failure('kind_unknown', {
      subject: subjectOf(refOf(wanted)),
      apiVersion,
      remedy: remedyFor(wanted),
    });
  }
  return Promise.all(objects.map(wanted => plannedOne(run, wanted)));
}

async function plannedOne({ cluster, service }: Run, wanted: WantedObject): Promise<Planned> {
  const live = await cluster.get(refOf(wanted));
  const owner = live === undefined ? undefined : otherOwner(live, service);
  if (owner !== undefined) throw failure('object_taken', { subject: subjectOf(refOf(wanted)), owner });
  return { wanted, live };
}

/**
 * Has the API server check each object without storing it, so that one which it refuses stops the release before anything of it is
 * written. Gives those that would not be the same afterwards.
 */
export async function rehearsed(
  run: Run,
  all: readonly Planned[],
  force: boolean,
): Promise<ReadonlySet<WantedObject>> {
  const changed = await Promise.all(all.map(one => wouldChange(run.cluster, one, force)));
  return new Set(all.filter((_, at) => changed[at]).map(({ wanted }) => wanted));
}

async function wouldChange(cluster: Cluster, { wanted, live }: Planned, force: boolean): Promise<boolean> {
  try {
    const { object } = await cluster.apply(wanted, { isRehearsal: true, force });
    return live === undefined || !isSame(object, live);
  } catch (error: unknown) {
    // Whose count it is is decided when it is written; and a webhook may know no rehearsals.
    if (error instanceof AppError && (isCountOnly(error) || NO_REHEARSAL.test(error.message))) return true;
    throw error;
  }
}

const NO_REHEARSAL = /does not support dry run/;

/** As far as it was written; what the server keeps of it besides differs. */
function isSame(a: LiveObject, b: LiveObject): boolean {
  return textOf(a) === textOf(b);
}

function textOf(object: LiveObject): string {
  const kept = { managedFields: undefined, resourceVersion: undefined, generation: undefined };
  return stableJson({ ...object, metadata: { ...object.metadata, ...kept }, status: undefined });
}

/** Writes one after the other, and tells what came of each. */
export async function write(run: Run, all: readonly Planned[], force: boolean): Promise<void> {
  for (const one of all) {
    run.signal.throwIfAborted();
    const { object, warnings } = await written(run, one, force);
    const ref = refOf(one.wanted);
    for (const warning of warnings) run.tell({ kind: 'warned', ref, warning });
    run.tell({ kind: 'written', ref, change: changeOf(one.live, object) });
  }
}

function changeOf(before: LiveObject | undefined, after: LiveObject): 'created' | 'changed' | 'unchanged' {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'changed';
}

async function written(run: Run, { wanted, live }: Planned, force: boolean) {
  const count = live === undefined ? undefined : handOver(wanted, live);
  if (count !== undefined) await run.cluster.apply(count, { manager: HOLDER, force: true });
  try {
    return await run.cluster.apply(wanted, { force });
  } catch (error: unknown) {
    const isLeftOver =
      error instanceof AppError && isCountOnly(error) && !(await isScaled(run, refOf(wanted)));
    if (!isLeftOver) throw error;
    return run.cluster.apply(wanted, { force: true });
  }
}

/** Whether an autoscaler, ours or somebody else's, says how many pods it has. */
async function isScaled({ cluster, namespace }: Run, { name }: ObjectRef): Promise<boolean> {
  const kind = (await cluster.resources()).preferred('autoscaling', 'HorizontalPodAutoscaler');
  const all = kind === undefined ? [] : await cluster.list(kind, { namespace });
  return all.some(one => targetOf(one) === name);
}
