import type { LiveObject } from '../kube-object.ts';
import type { Condition } from '../release/rollout-state.ts';
import { containerReasons, type Log } from './containers.ts';
import type { Pod } from './pod.ts';
import { CODES, type Reason, type ReasonCode } from './reason.ts';
import { brief } from './words.ts';

/** What was seen of a Deployment that does not come up. */
export interface Observed {
  readonly deployment: LiveObject;
  /** Of its latest template. */
  readonly replicaSet: LiveObject | undefined;
  /** Of its latest template, those that are to stay. */
  readonly pods: readonly Pod[];
  /** Of those pods and the ReplicaSet, latest last. */
  readonly events: readonly LiveObject[];
  readonly logs: readonly Log[];
}

/** Why it does not come up, the most telling reason first, each once however many pods have it. */
export function reasonsOf(observed: Observed): readonly Reason[] {
  const { pods, logs } = observed;
  const all = [
    ...creationReasons(observed),
    ...pods.flatMap(pod => containerReasons(pod, logs)),
    ...pods.flatMap(pod => waitingReasons(pod, observed.events)),
    ...progressReasons(observed.deployment),
  ];
  const once = all.filter((one, at) => all.findIndex(other => isSame(one, other)) === at);
  return once.toSorted((a, b) => CODES.indexOf(a.code) - CODES.indexOf(b.code));
}

/** Two pods that restarted not quite as often have the same trouble. */
function isSame(a: Reason, b: Reason): boolean {
  const counted = (text: string): string => text.replace(/, \d+ times so far/, '');
  return a.code === b.code && counted(a.sentence) === counted(b.sentence);
}

function conditionsOf(object: LiveObject | undefined): readonly Condition[] {
  return (object as { status?: { conditions?: readonly Condition[] } } | undefined)?.status?.conditions ?? [];
}

/** Pods that are not even made: refused by admission or a quota. */
function creationReasons({ deployment, replicaSet }: Observed): Reason[] {
  const failed = [...conditionsOf(replicaSet), ...conditionsOf(deployment)].find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  return failed === undefined ? [] : [creationReason(failed.message ?? failed.reason ?? '')];
}

const EXCEEDED = /exceeded quota: (.*)$/s;
const VIOLATES = /violates PodSecurity (.*)$/s;

function creationReason(message: string): Reason {
  const plain = (code: ReasonCode, why: string): Reason => ({
    code,
    sentence: `no pod may be made: ${brief(why)}`,
    lines: [],
  });
  const quota = EXCEEDED.exec(message)?.[1];
  if (quota !== undefined) return plain('quota', `the quota ${quota}`);
  const violated = VIOLATES.exec(message)?.[1];
  if (violated !== undefined) return plain('pod_security', `it violates Pod Security ${violated}`);
  return plain('not_created', message.replace(/^pods "[^"]*" is /, 'it is '));
}

/** Pods that no node takes, or that cannot get what they mount. */
function waitingReasons(pod: Pod, events: readonly LiveObject[]): Reason[] {
  const unscheduled = pod.status?.conditions?.find(
    ({ type, status, reason }) =>
      type === 'PodScheduled' && status === 'False' && reason !== 'SchedulingGated',
  );
  if (unscheduled !== undefined) return [unschedulable(unscheduled.message ?? '')];
  if (pod.status?.phase === 'Failed') return [evicted(pod)];
  const isMaking = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ].some(({ state }) => /^(?:ContainerCreating|PodInitializing)$/.test(state?.waiting?.reason ?? ''));
  return isMaking ? mountReasons(pod, events) : [];
}

/** The scheduler says first what counts, and then at length what it tried besides. */
function unschedulable(message: string): Reason {
  const why = brief(message.replace(/\s*(?:preemption:|no new claims).*$/s, '')).replace(/[.,;]$/, '');
  return { code: 'unschedulable', sentence: `no node takes the pod: ${why}`, lines: [] };
}

function evicted({ metadata, status }: Pod): Reason {
  const why = brief([status?.reason, status?.message].filter(Boolean).join(': '));
  return { code: 'not_created', sentence: `pod ${metadata.name} failed: ${why}`, lines: [] };
}

interface Event {
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly uid?: string };
}

const MAKING = /^(?:FailedMount|FailedAttachVolume|FailedCreatePodSandBox|FailedPrepareDynamicResources)$/;

function mountReasons({ metadata }: Pod, events: readonly LiveObject[]): Reason[] {
  const last = (events as readonly Event[]).findLast(
    ({ reason = '', involvedObject }) => MAKING.test(reason) && involvedObject?.uid === metadata.uid,
  );
  if (last === undefined) return [];
  const sentence = `its pod cannot get what it needs: ${brief(last.message ?? last.reason ?? '')}`;
  return [{ code: 'mount', sentence, lines: [] }];
}

function progressReasons(deployment: LiveObject): Reason[] {
  const stuck = conditionsOf(deployment).find(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  );
  if (stuck === undefined) return [];
  const { spec } = deployment as { spec?: { progressDeadlineSeconds?: number } };
  const seconds = spec?.progressDeadlineSeconds ?? 600;
  return [{ code: 'no_progress', sentence: `no pod became available for ${seconds} s`, lines: [] }];
}
