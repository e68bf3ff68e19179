/**
 * The only room that speaks to an API server: get, list, watch, apply. It knows objects and not what they are for; what a service
 * is to have there, `manifests` says.
 */
export type { Cluster, WatchEvent, Which } from './cluster.ts';
export { type OpenOptions, openCluster } from './io/open-cluster.ts';
export type { LiveObject, ObjectRef, WantedObject } from './kube-object.ts';
export {
  type ApplyReleaseOptions,
  applyRelease,
  type Outcome,
  type ReleaseObjects,
} from './release/apply-release.ts';
export { type DeleteReleaseOptions, deleteRelease } from './release/delete-release.ts';
export { ownedBy } from './release/owned.ts';
export { type Progress, releaseLine } from './release/progress.ts';
