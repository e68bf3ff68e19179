/** The spec of a HorizontalPodAutoscaler, autoscaling/v2. */
import { foreignKind, type MetricName, type Scaling } from '#spec';
import type { PodArm } from '../release.ts';
import { behaviorOf } from './behavior.ts';

/** A Deployment, and how many pods it may have. */
export interface Target {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

export function horizontalSpec(arm: PodArm, scaling: Scaling, { name, min, max }: Target) {
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: min,
    maxReplicas: max,
    metrics: metricsOf(arm, scaling),
    behavior: behaviorOf(scaling),
  };
}

function metricsOf(arm: PodArm, { cpu, inFlight, external }: Scaling): object[] {
  if (cpu !== undefined) {
    // Of the one container: a mesh's sidecar has work of its own, and may have no cores set aside.
    const target = { type: 'Utilization', averageUtilization: cpu };
    return [{ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'server', target } }];
  }
  const name = inFlightMetric(arm);
  if (inFlight !== undefined && name !== undefined) {
    const target = { type: 'AverageValue', averageValue: String(inFlight) };
    return [{ type: 'Pods', pods: { metric: { name }, target } }];
  }
  if (external === undefined) return [];
  const { metric, labels, average } = external;
  const selector = Object.keys(labels).length === 0 ? {} : { selector: { matchLabels: labels } };
  const target = { type: 'AverageValue', averageValue: quantityOf(average) };
  return [{ type: 'External', external: { metric: { name: metric, ...selector }, target } }];
}

const OWN: MetricName = 'predictions_in_flight';

/** What a pod tells of the predictions that it has taken and not answered; undefined where it tells nothing of the kind. */
export function inFlightMetric({ service }: PodArm): string | undefined {
  const kind = foreignKind(service.spec.runtime);
  if (kind === undefined) return OWN;
  return kind === 'triton' ? 'nv_inference_pending_request_count' : undefined;
}

const parts = [
  ['', 1],
  ['m', 1e3],
  ['u', 1e6],
  ['n', 1e9],
] as const;

/** A number as the API server writes it, which knows nothing smaller than 10⁻⁹. */
export function quantityOf(value: number): string {
  const [unit, by] = parts.find(([, factor]) => isWhole(value * factor)) ?? ['n', 1e9];
  return `${BigInt(Math.max(1, Math.round(value * by)))}${unit}`;
}

/** A product with a decimal fraction is rarely exact in binary. */
function isWhole(value: number): boolean {
  const whole = Math.round(value);
  return whole >= 1 && Math.abs(value - whole) <= whole * 1e-12;
}
