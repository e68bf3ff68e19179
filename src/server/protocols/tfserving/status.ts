/** Where the versions of a model stand, in TensorFlow Serving's words. */
import { compareVersions, type Entry } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import type { Models, Target } from '../port.ts';

export interface VersionStatus {
  readonly version: string;
  readonly state: 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';
  readonly code: 'OK' | 'UNKNOWN';
  readonly message: string;
}

/** What is cold is known, and its load has not begun. */
const states = {
  cold: 'START',
  waking: 'LOADING',
  loading: 'LOADING',
  ready: 'AVAILABLE',
  unloading: 'UNLOADING',
  unavailable: 'END',
} as const satisfies Readonly<Record<Entry<ServedModel>['state'], VersionStatus['state']>>;

/** The latest first; none when there is no such model or version. Throws `input_invalid` for an unknown label. */
export function versionStatuses(models: Models, target: Target): VersionStatus[] {
  const { name = '' } = target;
  const version = target.label === undefined ? target.version : models.identify(target).version;
  return models
    .entries()
    .filter(({ identity }) => identity.name === name)
    .filter(({ identity }) => version === undefined || identity.version === version)
    .toSorted((a, b) => compareVersions(b.identity.version, a.identity.version))
    .map(statusOf);
}

/** What was unloaded ended well; what has any other reason failed to load. */
function statusOf({ identity, state, reason }: Entry<ServedModel>): VersionStatus {
  const failed = reason !== undefined && reason !== 'unloaded';
  return {
    version: identity.version,
    state: states[state],
    code: failed ? 'UNKNOWN' : 'OK',
    message: failed ? reason : '',
  };
}

/** What is said when there is none. */
export function noVersions({ name = '', version }: Target): string {
  const which = version === undefined ? 'any versions' : `version ${shown(version)}`;
  return `Could not find ${which} of model ${shown(name)}`;
}
