/** The spec of a ScaledObject, keda.sh/v1alpha1. Source: KEDA 2.21, apis/keda/v1alpha1 and pkg/scaling/executor. */
import type { Scaling } from '#spec';
import { behaviorOf, secondsOf } from './behavior.ts';
import type { Target } from './horizontal.ts';

export interface KedaTarget extends Target {
  /** Pods of the same revision that it does not scale. */
  readonly kept: number;
}

type Queried = NonNullable<Scaling['prometheus']>;

export function kedaSpec(scaling: Scaling, queried: Queried, target: KedaTarget) {
  const { name, min, max } = target;
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicaCount: min,
    maxReplicaCount: max,
    // Only from the last pod to none; between others the window below decides.
    ...(min === 0 && { cooldownPeriod: secondsOf(scaling.down.window) }),
    fallback: fallbackOf(queried, target),
    advanced: { horizontalPodAutoscalerConfig: { behavior: behaviorOf(scaling) } },
    triggers: [{ type: 'prometheus', metricType: 'AverageValue', metadata: triggerOf(queried, min) }],
  };
}

function triggerOf({ server, query, average, activation }: Queried, min: number) {
  return {
    serverAddress: server,
    query,
    threshold: String(average),
    ...(min === 0 && { activationThreshold: String(activation) }),
    // Otherwise no answer counts as 0, and a Prometheus that is down takes all pods away (kedacore/keda#3065).
    ignoreNullValues: 'false',
  };
}

const FAILURES = 3;

/** The number must not be 0: KEDA then takes a failed query for no load, and the last pod away. */
function fallbackOf({ fallback }: Queried, { min, kept }: KedaTarget) {
  const least = Math.max(1, min);
  if (fallback === undefined)
    return { failureThreshold: FAILURES, replicas: least, behavior: 'currentReplicas' };
  return { failureThreshold: FAILURES, replicas: Math.max(least, fallback - kept), behavior: 'static' };
}
