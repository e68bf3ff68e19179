import { foreignKind } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { type Away, awayOf, isOnVolume } from './away.ts';

/** Rules on which models are let in, where nobody would keep them: whoever mounts a volume asks nothing of what is on it. */
export function policyRefusals(arm: PodArm): Refused[] {
  const { policy } = arm.service.spec;
  if (policy === undefined) return [];
  const away = awayOf(arm);
  const volumes = away.filter(({ source }) => isOnVolume(arm, source.uri));
  const told = (field: string, problem: string): Refused => ({ path: `spec.policy${field}`, problem });
  const isOwn = foreignKind(arm.deployed.revision.runtime) === undefined;
  if (!isOwn) return volumes.length > 0 ? [told('', BY_NOBODY)] : [];
  const isImage = volumes.some(({ source }) => /^oci:/i.test(source.uri));
  const { sources, signature } = policy;
  return [
    ...(isImage && sources !== undefined ? [told('.sources', OF_IMAGE)] : []),
    ...(isImage && signature !== undefined ? [told('.signature', OF_IMAGE)] : []),
    ...(signature !== undefined && away.length > 0 && arm.deployed.pins.length > 0
      ? [told('.signature', IN_IMAGE)]
      : []),
    ...(policy.digest === undefined ? [] : away.flatMap(unpinned)),
  ];
}

function unpinned({ path, source }: Away): Refused[] {
  return source.digest === undefined
    ? [{ path: `${path}.digest`, problem: 'is missing, and policy.digest requires it' }]
    : [];
}

const BY_NOBODY =
  'is kept by nobody: a server of others reads the volume itself. Have its models pulled, or leave out the policy';
const OF_IMAGE =
  'is not kept of an image volume, which the node brings: have its models pulled (kubernetes.models: auto)';
const IN_IMAGE =
  'cannot be kept of models in the image, whose signatures are not there, beside others that pods have from elsewhere';
