/** The environment of a pod's containers. */
import { stableJson } from '#base';
import { CACHE, type Launch } from '#spec';
import type { PodArm } from '../release.ts';
import { literal } from './literal.ts';

export interface Variable {
  readonly name: string;
  /** Undefined for one that is empty, as Kubernetes has it. */
  readonly value?: string;
}

/** Sizes of the cache of pods, where the file says none. */
export const USUAL_CACHE = '10Gi';

/**
 * The launch's, then the file's. Those that the launch empties are emptied here as well: an image with models has variables of its
 * own, which may say other models.
 */
export function variablesOf(arm: PodArm, env: Launch['env'], more: Launch['env'] = {}): Variable[] {
  return written({ ...more, ...env, ...arm.service.spec.kubernetes.env });
}

/** As they stand in a container: the API server drops an empty value, which would then seem to have changed. */
export function written(env: Launch['env']): Variable[] {
  return Object.entries(env).map(([name, value]) =>
    value === '' ? { name } : { name, value: literal(value) },
  );
}

/**
 * Where what is pulled is kept, and how much of it: what does not fit is then told by name, before the kubelet would evict the pod for
 * it. A claim's size is not known here.
 */
export function cacheVariables({ service: { spec } }: PodArm): Record<string, string> {
  const { cache } = spec.kubernetes;
  const quota = cache?.claim === undefined ? { FAIRLEAD_CACHE_QUOTA: cache?.size ?? USUAL_CACHE } : {};
  return { FAIRLEAD_CACHE: CACHE, ...quota };
}

/** Whether its server asks for models while it runs. */
export function pullsItself({ deployed, service: { spec } }: PodArm): boolean {
  return deployed.isPulled && (spec.server.control !== undefined || spec.server.lazy !== undefined);
}

/** What is told to fairlead where it brings models to a server of others, which is told nothing of them. */
export function pullingEnvironment({ deployed: { pulls, revision } }: PodArm): Record<string, string> {
  const { policy } = revision;
  return pulls.length === 0 || policy === undefined ? {} : { FAIRLEAD_MODEL_POLICY: stableJson(policy) };
}
