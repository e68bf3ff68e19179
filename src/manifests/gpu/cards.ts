/** What NVIDIA's device plugin and its labels of nodes call cards and parts of them. */
import type { GpuOptions } from '#spec';

export const GPU = 'nvidia.com/gpu';

/** Its value names an entry of the device plugin's configuration: which one a node has. */
export const CONFIG_LABEL = 'nvidia.com/device-plugin.config';

/** How a node divides its cards; undefined where it gives them whole, or by claims. */
export interface Sharing {
  readonly kind: 'timeSlicing' | 'mps';
  /** Pods on one card. */
  readonly replicas: number;
}

export function sharingOf({ share }: GpuOptions): Sharing | undefined {
  if (share?.timeSlicing !== undefined) return { kind: 'timeSlicing', replicas: share.timeSlicing.replicas };
  return share?.mps === undefined ? undefined : { kind: 'mps', replicas: share.mps.replicas };
}

/** Of the entry of the device plugin's configuration: `ts4`, `mps4`. */
export function configName({ kind, replicas }: Sharing): string {
  return `${kind === 'mps' ? 'mps' : 'ts'}${replicas}`;
}

/** A profile of MIG as resources and labels have it, where `+` cannot stand: `1g.10gb+me` is `1g.10gb.me`. */
export function profileName(profile: string): string {
  return profile.replaceAll('+', '.');
}
