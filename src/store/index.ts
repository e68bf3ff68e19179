/**
 * Model artifacts: from a URI to a verified file on this machine. It knows nothing of what a model computes; today it
 * reads this machine's files only.
 */

export { identityFromPath } from './identity.ts';
export { type Resolved, resolveModel } from './io/local.ts';
export { modelFiles } from './io/model-files.ts';
export { localPath } from './local-path.ts';
export { admissionOf } from './policy/admission.ts';
export { loadRules, type PolicyFile } from './policy/io/load-rules.ts';
export type { Rules } from './policy/rules.ts';
