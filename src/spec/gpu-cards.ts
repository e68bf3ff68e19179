/** How much memory cards have, as far as their names tell it. */

/** The part of a card's memory that models may have: its driver and CUDA's contexts take the rest. */
export const USABLE = 0.9;

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** MiB, by the label nvidia.com/gpu.product of cards whose names do not say it: what their nodes are labelled with. */
const known: Readonly<Record<string, number>> = {
  'Tesla-T4': 15_360,
  'NVIDIA-A10': 23_028,
  'NVIDIA-A10G': 23_028,
  'NVIDIA-L4': 23_034,
  'NVIDIA-L40S': 46_068,
  'NVIDIA-A40': 46_068,
  'NVIDIA-H200': 143_771,
};

/** Their names tell the memory of the processor beside the card. */
const SUPERCHIP = /^NVIDIA-G[HB]\d/;

/** Bytes of a card; undefined where its name does not tell. */
export function memoryOfProduct(product: string): number | undefined {
  const mebibytes = known[product];
  if (mebibytes !== undefined) return mebibytes * MIB;
  const [, told] = /-(\d{1,3})GB(?=-|$)/.exec(product) ?? [];
  return told === undefined || SUPERCHIP.test(product) ? undefined : Number(told) * GIB;
}

/** Gigabytes that a profile of MIG tells: 10 of `1g.10gb`. What the part has is a little less in GiB, and more in GB. */
export function gigabytesOf(profile: string): number {
  return Number(/\.(\d+)gb/.exec(profile)?.[1]);
}
