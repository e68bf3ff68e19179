/**
 * Kubernetes objects: from a service, its revisions and the split between them to what a cluster is told, as plain YAML, kustomize
 * or a Helm chart, with the bundle that sets up GPUs, rules and dashboards. It reads no files and speaks to no cluster.
 */
export { type AdminBundle, type AdminOptions, adminBundleOf } from './gpu/admin/bundle.ts';
export { adminText } from './gpu/admin/text.ts';
export { type KubeObject, keyOf } from './object.ts';
export { objectsOf } from './objects.ts';
export type { Refused } from './refused.ts';
export type { PodArm, Release, Setting } from './release.ts';
