/** What a file says of pods and Kubernetes cannot honour, or would not notice. */
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { endingRefusals } from './refused-ending.ts';
import { mountRefusals } from './refused-mounts.ts';
import { placementRefusals } from './refused-placement.ts';
import { policyRefusals } from './refused-policy.ts';
import { portRefusals } from './refused-ports.ts';
import { pullRefusals } from './refused-pulls.ts';
import { secretRefusals } from './refused-secrets.ts';
import { sourceRefusals } from './refused-sources.ts';
import { settingsIn } from './setting-volumes.ts';
import { pullingEnvironment } from './variables.ts';

/** Each fault once, though both revisions of a file have it. */
export function podRefusals(release: Release): Refused[] {
  const all = [...release.arms.flatMap(armRefusals), ...pullRefusals(release)];
  return [...new Map(all.map(one => [`${one.path} ${one.problem}`, one])).values()];
}

function armRefusals(arm: PodArm): Refused[] {
  return [
    ...portRefusals(arm),
    ...endingRefusals(arm),
    ...secretRefusals(arm),
    ...mountRefusals(arm),
    ...placementRefusals(arm),
    ...sourceRefusals(arm),
    ...policyRefusals(arm),
    ...variableRefusals(arm),
    ...sizeRefusals(arm),
  ];
}

/** One value would hide the other, and which one is no matter of order. */
function variableRefusals(arm: PodArm): Refused[] {
  const {
    launch,
    service: { spec },
  } = arm;
  const all = [launch.env, launch.init?.env ?? {}, pullingEnvironment(arm)];
  const told = new Set(all.flatMap(env => Object.keys(env)));
  return Object.keys(spec.kubernetes.env)
    .filter(name => told.has(name))
    .map(name => ({
      path: `spec.kubernetes.env.${name}`,
      problem: 'is set by what the rest of the file says: leave it out here',
    }));
}

/** Of a ConfigMap, with what it holds beside its files. */
const MOST_SETTINGS = 1_000_000;

/** What the API server would refuse with words that name nothing of the file. */
function sizeRefusals(arm: PodArm): Refused[] {
  const bytes = settingsIn(arm).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes <= MOST_SETTINGS) return [];
  return [
    { path: 'spec', problem: `names settings of ${bytes} bytes, and a ConfigMap holds ${MOST_SETTINGS}` },
  ];
}
