/**
 * Names and labels of all objects of a service. A revision's name has at most 49 characters, so that what is put behind it stays
 * within the 63 that a label and a Service have.
 */
import type { PodArm, Release } from './release.ts';

export const MANAGER = 'fairlead';

export type Labels = Readonly<Record<string, string>>;

/** What part of a service an object or pod is. */
export type Component = 'server' | 'gateway';

/** What a pod is selected by, for as long as it lives: nothing of it may ever change. */
export function selectorOf({ name }: Release, arm: PodArm): Labels {
  return { app: name, component: 'server', version: arm.deployed.revision.name };
}

/** Of all pods of a service that answer predictions, whatever their revision. */
export function serversOf({ name }: Release): Labels {
  return { app: name, component: 'server' };
}

/** Of an object that belongs to the service as a whole. */
export function labelsOf(release: Release, component: Component = 'server'): Labels {
  const [stable] = release.arms;
  return {
    ...stable.service.spec.kubernetes.labels,
    app: release.name,
    component,
    'app.kubernetes.io/name': release.name,
    'app.kubernetes.io/instance': release.name,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': MANAGER,
  };
}

/** Of an object, or a pod, of one revision. */
export function revisionLabels(release: Release, arm: PodArm): Labels {
  const revision = arm.deployed.revision.name;
  return {
    ...labelsOf(release),
    ...arm.service.spec.kubernetes.labels,
    version: revision,
    'app.kubernetes.io/version': revision,
  };
}

/** Of fairlead's own gateway: its Deployment, its plan and what stands around them. */
export function gatewayName({ name }: Release): string {
  return `${name}-gateway`;
}

/** Of the headless Service of a revision, by which the gateway finds its pods. */
export function podsName({ deployed }: PodArm): string {
  return `${deployed.revision.name}-pods`;
}

/** `metadata` of an object of the service. */
export function metaOf(release: Release, name: string, labels: Labels = labelsOf(release)) {
  return { name, ...(release.namespace !== undefined && { namespace: release.namespace }), labels };
}
