import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { isPulling } from './away.ts';
import { pullingEnvironment } from './variables.ts';

/** What `kubernetes.env` cannot say of a revision's containers. */
export function variableRefusals(arm: PodArm): Refused[] {
  const told = toldTo(arm);
  return Object.entries(arm.service.spec.kubernetes.env).flatMap(([name, value]) => {
    const path = `spec.kubernetes.env.${name}`;
    if (told.has(name)) return [{ path, problem: TWICE }];
    return isPulling(arm) && SECRETS.has(name) && value !== '' ? [{ path, problem: SHOWN }] : [];
  });
}

/** One value would hide the other, and which one is no matter of order. */
const TWICE = 'is set by what the rest of the file says: leave it out here';
const SHOWN =
  'would be shown to whoever may read pods: put it into a Secret, and name that as spec.kubernetes.credentials';

function toldTo(arm: PodArm): ReadonlySet<string> {
  const { launch } = arm;
  const all = [launch.env, launch.init?.env ?? {}, pullingEnvironment(arm)];
  const names = all.flatMap(env => Object.keys(env));
  return new Set(isPulling(arm) ? [...names, ...OF_THE_CACHE] : names);
}

/** Where it is mounted, and that its server asks nobody; how much of it is used may be said. */
const OF_THE_CACHE = ['FAIRLEAD_CACHE', 'FAIRLEAD_OFFLINE'] as const;

/** What models are pulled with, and nobody else needs; names and addresses beside them are no secret. */
const SECRETS: ReadonlySet<string> = new Set([
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_CLIENT_SECRET',
  'AZURE_STORAGE_ACCOUNT_KEY',
  'AZURE_STORAGE_CONNECTION_STRING',
  'AZURE_STORAGE_KEY',
  'AZURE_STORAGE_SAS_TOKEN',
  'HF_TOKEN',
  'HUGGING_FACE_HUB_TOKEN',
]);
