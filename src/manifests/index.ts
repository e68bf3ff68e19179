/**
 * Kubernetes objects: from a service, its revisions and the split between them to what a cluster is told, as plain YAML, kustomize
 * or a Helm chart, with the bundle that sets up GPUs, rules and dashboards. It reads no files and speaks to no cluster.
 */

export { type AdminBundle, type AdminOptions, adminBundleOf } from './gpu/admin/bundle.ts';
export { adminText } from './gpu/admin/text.ts';
export { leftNotes } from './left.ts';
export { monitoringOf } from './monitoring/monitoring.ts';
export { type KubeObject, keyOf } from './object.ts';
export { objectsOf } from './objects.ts';
export { type Difference, differencesOf, diffText } from './output/diff/diff-text.ts';
export { withoutServerFields } from './output/diff/live.ts';
export { type ChartOptions, helmChart } from './output/helm/helm-chart.ts';
export type { ChartArm } from './output/helm/tiers.ts';
export { renderJson } from './output/json-text.ts';
export { kustomizeFiles } from './output/kustomize/kustomize-files.ts';
export { ordered } from './output/order.ts';
export { parseObjects } from './output/parse/parse-objects.ts';
export type { TextFile } from './output/text-file.ts';
export { yamlText } from './output/yaml-text.ts';
export type { Refused } from './refused.ts';
export type { PodArm, Release, Setting } from './release.ts';
export { isRoute } from './traffic/routes.ts';
