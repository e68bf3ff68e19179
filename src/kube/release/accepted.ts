/** Whether what implements a route, or scales a Deployment, has taken it on. */
import { groupOf, type LiveObject, type ObjectRef, refOf, subjectOf } from '../kube-object.ts';
import type { Condition } from './rollout-state.ts';

interface Parent {
  readonly name: string;
  readonly namespace?: string;
  readonly sectionName?: string;
}

interface Route {
  readonly spec?: { readonly parentRefs?: readonly Parent[] };
  readonly status?: {
    readonly parents?: readonly {
      readonly parentRef: Parent;
      readonly conditions?: readonly Condition[];
    }[];
  };
}

/** Whether such an object says of itself that it was taken on; others are believed. */
export function tellsAcceptance({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  const isRoute = groupOf(apiVersion) === 'gateway.networking.k8s.io' && kind.endsWith('Route');
  return isRoute || kind === 'HorizontalPodAutoscaler';
}

/** Why it is not yet, or not at all, in force; undefined where it is. */
export function notAccepted(object: LiveObject): string | undefined {
  const problem = object.kind === 'HorizontalPodAutoscaler' ? unable(object) : unrouted(object);
  return problem === undefined ? undefined : `${subjectOf(refOf(object))} ${problem}`;
}

/** Each parent has to have taken it on as it is now. https://gateway-api.sigs.k8s.io/reference/spec/#routestatus */
function unrouted(object: LiveObject): string | undefined {
  const { spec, status } = object as Route;
  const { generation = 0 } = object.metadata;
  for (const { name, sectionName } of spec?.parentRefs ?? []) {
    const parent = status?.parents?.find(
      ({ parentRef }) => parentRef.name === name && parentRef.sectionName === sectionName,
    );
    const problem = untaken(parent?.conditions ?? [], generation);
    if (problem !== undefined) return `is not in force at ${name}: ${problem}`;
  }
  return undefined;
}

function untaken(conditions: readonly Condition[], generation: number): string | undefined {
  for (const wanted of ['Accepted', 'ResolvedRefs']) {
    const found = conditions.find(({ type }) => type === wanted);
    const isOld = (found?.observedGeneration ?? generation) < generation;
    if (found === undefined || isOld) return 'nothing has answered for it yet';
    if (found.status !== 'True') return found.message || (found.reason ?? 'no reason given');
  }
  return undefined;
}

function unable(object: LiveObject): string | undefined {
  const { status } = object as { status?: { conditions?: readonly Condition[] } };
  const able = status?.conditions?.find(({ type }) => type === 'AbleToScale');
  if (able?.status === 'True') return undefined;
  return able === undefined ? 'was not looked at yet' : `cannot scale: ${able.message ?? able.reason ?? ''}`;
}
