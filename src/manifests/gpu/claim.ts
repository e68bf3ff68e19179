/** Devices by dynamic resource allocation: `resource.k8s.io/v1`, of Kubernetes 1.34 and later. */
import { createHash } from 'node:crypto';
import { memoryBytes, USABLE } from '#spec';
import { metaOf, revisionLabels } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { PodArm, Release } from '../release.ts';
import { mostPods } from './sharers.ts';

/** Of the request in a claim, and of the claim in a pod. */
export const CLAIMED = 'gpu';

/** NVIDIA's driver, by whose name its devices' attributes are qualified. */
const DRIVER = 'gpu.nvidia.com';

/**
 * One claim for all pods, or a template by which each pod has a claim of its own: a template shares nothing between pods. Neither
 * can be changed once it is there, so that its name tells its content.
 */
export function claimsOf(release: Release, arm: PodArm): KubeObject[] {
  const { claim } = arm.service.spec.resources.gpu ?? {};
  if (claim === undefined) return [];
  const metadata = metaOf(release, claimName(arm), revisionLabels(release, arm));
  const [kind, spec] = claim.shared
    ? ['ResourceClaim', specOf(arm)]
    : ['ResourceClaimTemplate', { spec: specOf(arm) }];
  return [{ apiVersion: 'resource.k8s.io/v1', kind, metadata, spec }];
}

/** `<revision>-<8 hex digits>`. What a pod asks of its node is no part of the revision's own name. */
export function claimName(arm: PodArm): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(specOf(arm)))
    .digest('hex');
  return `${arm.deployed.revision.name}-${hash.slice(0, 8)}`;
}

function specOf(arm: PodArm): object {
  const { claim, product } = arm.service.spec.resources.gpu ?? {};
  const selectors = [claim?.selector, product && isProduct(product), hasMemory(arm)]
    .filter(one => one !== undefined)
    .map(expression => ({ cel: { expression } }));
  const exactly = { deviceClassName: claim?.class, ...(selectors.length > 0 && { selectors }) };
  return { devices: { requests: [{ name: CLAIMED, exactly }] } };
}

/** The driver tells the card's name with spaces, and labels have dashes for them. */
function isProduct(product: string): string {
  return `device.attributes['${DRIVER}'].productName.replace(' ', '-') == '${product}'`;
}

/** Enough for all pods that share it, when there are most of them. */
function hasMemory(arm: PodArm): string | undefined {
  const { memory, claim } = arm.service.spec.resources.gpu ?? {};
  if (memory === undefined) return undefined;
  const pods = claim?.shared ? mostPods(arm) : 1;
  const mebibytes = Math.ceil((memoryBytes(memory) * pods) / USABLE / 1024 ** 2);
  return `device.capacity['${DRIVER}'].memory.compareTo(quantity('${mebibytes}Mi')) >= 0`;
}
