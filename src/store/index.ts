/**
 * Model artifacts: from a URI to a verified file on this machine. It knows nothing of what a model computes.
 */

export { identityFromPath } from './identity.ts';
export { type Resolved, resolveModel } from './io/local.ts';
export { digestOfPath, manifestOfPath } from './io/local-manifest.ts';
export { modelFiles } from './io/model-files.ts';
export { openStore, type StoreOptions, type StorePorts } from './io/open-store.ts';
export { localPath } from './local-path.ts';
export type { Manifest } from './manifest.ts';
export type { Admission, Asking, Cached, Damage, Held, Progress, Store, Wanted } from './store.ts';
