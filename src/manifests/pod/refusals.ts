/** What a file says of pods and Kubernetes cannot honour, or would not notice. */
import { gatewayPorts, PLAN_FOLDER } from '../around/gateways.ts';
import { doorArm } from '../door.ts';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { portsOf } from './ports.ts';
import { endingRefusals } from './refused-ending.ts';
import { mountRefusals } from './refused-mounts.ts';
import { placementRefusals } from './refused-placement.ts';
import { policyRefusals } from './refused-policy.ts';
import { portRefusals } from './refused-ports.ts';
import { pullRefusals } from './refused-pulls.ts';
import { secretRefusals } from './refused-secrets.ts';
import { sourceRefusals } from './refused-sources.ts';
import { variableRefusals } from './refused-variables.ts';
import { settingsIn } from './setting-volumes.ts';

/** Each fault once, though both revisions of a file have it. */
export function podRefusals(release: Release): Refused[] {
  const door = doorArm(release);
  const all = [
    ...release.arms.flatMap(arm => [...armRefusals(arm), ...secretRefusals(arm, door)]),
    ...pullRefusals(release),
    ...(door === undefined ? [] : doorRefusals(release, door)),
  ];
  return [...new Map(all.map(one => [`${one.path} ${one.problem}`, one])).values()];
}

/** Of a gateway's pods, which have what would be the servers'. */
function doorRefusals(release: Release, door: PodArm): Refused[] {
  return [
    ...portRefusals(gatewayPorts(release), door.service.spec.server.tls),
    ...mountRefusals(door, [PLAN_FOLDER]),
  ];
}

function armRefusals(arm: PodArm): Refused[] {
  return [
    ...portRefusals(portsOf(arm), arm.service.spec.server.tls),
    ...endingRefusals(arm),
    ...mountRefusals(arm),
    ...placementRefusals(arm),
    ...sourceRefusals(arm),
    ...policyRefusals(arm),
    ...variableRefusals(arm),
    ...sizeRefusals(arm),
  ];
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
