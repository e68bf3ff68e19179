/** A pod as the API server has it, as far as it tells why it does not serve. */
import type { LiveObject } from '../kube-object.ts';

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: Terminated;
}

export interface Terminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
}

export interface Pod extends LiveObject {
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** A container of a pod, with what it says of itself. */
export interface Running {
  readonly pod: string;
  readonly isInit: boolean;
  readonly status: ContainerStatus;
  readonly memory: string | undefined;
}

export function runningOf({ metadata, spec, status }: Pod): readonly Running[] {
  const of = (isInit: boolean, all: readonly Container[] = [], statuses: readonly ContainerStatus[] = []) =>
    statuses.map(one => ({
      pod: metadata.name,
      isInit: isInit && all.find(({ name }) => name === one.name)?.restartPolicy !== 'Always',
      status: one,
      memory: all.find(({ name }) => name === one.name)?.resources?.limits?.['memory'],
    }));
  return [
    ...of(true, spec?.initContainers, status?.initContainerStatuses),
    ...of(false, spec?.containers, status?.containerStatuses),
  ];
}

/** How its last run ended badly, where it is not running well now. */
export function endedBadly({ state, lastState, ready }: ContainerStatus): Terminated | undefined {
  if (ready === true) return undefined;
  const ended = state?.terminated ?? lastState?.terminated;
  return ended === undefined || ended.exitCode === 0 ? undefined : ended;
}

/** The log that tells most of a container: of the run that ended, or of the one that is not ready. */
export function logOf(
  pods: readonly Pod[],
): { pod: string; container: string; isPrevious: boolean } | undefined {
  const all = pods.flatMap(runningOf);
  const bad = all.find(({ status }) => endedBadly(status) !== undefined);
  const slow = all.find(({ status }) => status.state?.running !== undefined && status.ready !== true);
  const found = bad ?? slow;
  if (found === undefined) return undefined;
  // The run that ended is the one before this only where another one has begun, or waits to.
  const isPrevious = bad !== undefined && found.status.state?.terminated === undefined;
  return { pod: found.pod, container: found.status.name, isPrevious };
}
