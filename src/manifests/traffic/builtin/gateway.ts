/** Fairlead's own gateway as pods: it needs no mesh, and splits exactly. */
import { gatewayPlanText } from '#spec';
import { gatewaysOf } from '../../around/gateways.ts';
import { gatewayName, labelsOf, metaOf } from '../../names.ts';
import type { KubeObject } from '../../object.ts';
import type { Release } from '../../release.ts';
import { doorSettings } from './door.ts';
import { planOf } from './plan.ts';
import { gatewayPod } from './pod.ts';

/** The plan changes while it runs; the pods do not. */
export function gatewayObjects(release: Release): KubeObject[] {
  return [planMap(release), ...doorSettings(release), deployment(release), budget(release)];
}

function planMap(release: Release): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metaOf(release, gatewayName(release), labelsOf(release, 'gateway')),
    data: { 'plan.json': gatewayPlanText(planOf(release)) },
  };
}

const DEFAULT_PODS = 2;

function deployment(release: Release): KubeObject {
  const { traffic, kubernetes } = release.arms[0].service.spec;
  const labels = labelsOf(release, 'gateway');
  const hasAnnotations = Object.keys(kubernetes.annotations).length > 0;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metaOf(release, gatewayName(release), labels),
    spec: {
      replicas: traffic?.builtin?.replicas ?? DEFAULT_PODS,
      selector: { matchLabels: gatewaysOf(release) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels, ...(hasAnnotations && { annotations: kubernetes.annotations }) },
        spec: gatewayPod(release, gatewaysOf(release)),
      },
    },
  };
}

/** A node that is emptied takes one at a time; one that is not well holds up nobody. */
function budget(release: Release): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metaOf(release, gatewayName(release), labelsOf(release, 'gateway')),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: gatewaysOf(release) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
