import type { LiveObject } from '../kube-object.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** How far a Deployment has come. */
export interface RolloutState {
  readonly name: string;
  /** Pods that there are to be. */
  readonly wanted: number;
  /** Pods of its latest template that have been ready long enough. */
  readonly available: number;
  /** All pods are of its latest template, and available. */
  readonly isDone: boolean;
  /** Kubernetes has given up waiting for it. */
  readonly isStuck: boolean;
  /** It serves, or did so before it was changed last: what it had once is missed. */
  readonly hasServed: boolean;
}

interface Deployment extends LiveObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: Status;
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly Condition[];
}

/** As `kubectl rollout status` has it. */
export function rolloutState(deployment: LiveObject): RolloutState {
  const { metadata, spec = {}, status = {} } = deployment as Deployment;
  const { all, updated, available } = countsOf(status);
  const wanted = spec.replicas ?? 1;
  const isObserved = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const progressing = progressOf(status);
  return {
    name: metadata.name,
    wanted,
    // Those of older templates are taken to be available, which is what a rolling update keeps.
    available: isObserved ? Math.max(0, Math.min(wanted, available - (all - updated))) : 0,
    isDone: isObserved && updated >= wanted && all <= updated && available >= updated,
    isStuck: isObserved && progressing === 'ProgressDeadlineExceeded',
    hasServed: available > 0 || progressing === 'NewReplicaSetAvailable',
  };
}

function progressOf({ conditions = [] }: Status): string | undefined {
  return conditions.find(({ type }) => type === 'Progressing')?.reason;
}

/** What is 0 is left out of a status. */
function countsOf({ replicas = 0, updatedReplicas = 0, availableReplicas = 0 }: Status) {
  return { all: replicas, updated: updatedReplicas, available: availableReplicas };
}
