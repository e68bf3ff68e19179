/**
 * What a pod says to have a card, a part of one or a device: as NVIDIA's device plugin advertises them, or by dynamic resource
 * allocation. Variables alone share nothing: they are read after the scheduler has given a card away.
 */
import type { GpuOptions } from '#spec';
import type { PodArm } from '../release.ts';
import { CONFIG_LABEL, configName, GPU, profileName, sharingOf } from './cards.ts';
import { CLAIMED, claimName } from './claim.ts';

export interface GpuPod {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly object[];
  readonly resourceClaims?: readonly object[];
  /** One server of MPS serves one user: pods of another wait until those of the first are gone. */
  readonly runAsUser?: number;
}

export interface GpuContainer {
  /** As limits; the requests are the same, whether they are said or not. */
  readonly limits?: Readonly<Record<string, string>>;
  readonly claims?: readonly object[];
}

/** That of fairlead's images. */
const USER = 65_532;

/** Empty for a revision without a GPU. */
export function gpuPod(arm: PodArm): GpuPod {
  const { gpu } = arm.service.spec.resources;
  if (gpu === undefined) return {};
  const nodeSelector = nodesOf(gpu);
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    tolerations: [{ key: GPU, operator: 'Exists', effect: 'NoSchedule' }],
    ...(gpu.claim !== undefined && { resourceClaims: [claimOf(arm, gpu.claim.shared)] }),
    ...(gpu.share?.mps !== undefined && { runAsUser: USER }),
  };
}

/** No limit beside a claim: a card would be counted twice. */
export function gpuContainer(arm: PodArm): GpuContainer {
  const { gpu } = arm.service.spec.resources;
  if (gpu === undefined) return {};
  if (gpu.claim !== undefined) return { claims: [{ name: CLAIMED, request: CLAIMED }] };
  return { limits: limitsOf(gpu) };
}

/** More than one share of a card gives a pod no more of it, so it is always one. */
function limitsOf(gpu: GpuOptions): Record<string, string> {
  const mig = gpu.share?.mig;
  if (sharingOf(gpu) !== undefined) return { [`${GPU}.shared`]: '1' };
  if (mig?.strategy === 'mixed') return { [`nvidia.com/mig-${profileName(mig.profile)}`]: '1' };
  return { [GPU]: String(gpu.count ?? 1) };
}

function nodesOf(gpu: GpuOptions): Record<string, string> {
  const sharing = sharingOf(gpu);
  return {
    ...(sharing !== undefined && { [CONFIG_LABEL]: configName(sharing) }),
    ...productOf(gpu),
  };
}

/** Where parts have a resource of their own, they have a label of their own too. A device is chosen by its claim. */
function productOf({ product, claim, share }: GpuOptions): Record<string, string> {
  if (product === undefined || claim !== undefined) return {};
  if (share?.mig === undefined) return { [`${GPU}.product`]: product };
  const name = profileName(share.mig.profile);
  const resource = share.mig.strategy === 'single' ? GPU : `nvidia.com/mig-${name}`;
  return { [`${resource}.product`]: `${product}-MIG-${name}` };
}

function claimOf(arm: PodArm, isShared: boolean): object {
  const name = claimName(arm);
  return { name: CLAIMED, ...(isShared ? { resourceClaimName: name } : { resourceClaimTemplateName: name }) };
}
