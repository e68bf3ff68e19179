/** What a policy asks of models that nobody in a pod could see to. */
import { foreignKind } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';

/** Where a model may come from, and whether it is pinned, is asked before there are pods. */
export function policyRefusals(arm: PodArm): Refused[] {
  const { policy } = arm.service.spec;
  if (policy === undefined) return [];
  const { revision, mounts, isPulled } = arm.deployed;
  const isForeign = foreignKind(revision.runtime) !== undefined;
  const hasBoth = !isForeign && revision.models.length > 0 && (isPulled || mounts.length > 0);
  const refused = (field: keyof typeof policy, problem: string): Refused[] =>
    policy[field] === undefined ? [] : [{ path: `spec.policy.${field}`, problem }];
  if (hasBoth) return refused('signature', PARTLY);
  if (!isForeign || mounts.length === 0) return [];
  return (['digest', 'signature', 'formats'] as const).flatMap(field => refused(field, UNSEEN));
}

const UNSEEN =
  'is kept by nobody for models on a volume: a server of others reads that itself. Have them pulled, or put them into the image';
const PARTLY =
  'cannot be kept where some models are in the image, which holds no signatures, and others are not: put all of them there (spec.kubernetes.models: image), or none';
