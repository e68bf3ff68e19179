/** What is said of a GPU and would change nothing, cannot be, or would take memory from the others on a card. */
import { gigabytesOf, memoryOfProduct, USABLE } from './gpu-cards.ts';
import type { GpuOptions } from './gpu-schema.ts';
import { memoryBytes } from './launch-terms.ts';

export interface GpuProblem {
  /** Below `spec.resources.gpu`. */
  readonly path: readonly string[];
  readonly message: string;
}

const GIB = 1024 ** 3;

/** Of what value can stand in a label. */
const MOST_LABEL = 63;

/** DeviceClasses whose devices are described as NVIDIA's driver does. */
const DESCRIBED = ['gpu.nvidia.com', 'mig.nvidia.com'];

export function gpuProblems(gpu: GpuOptions): GpuProblem[] {
  return [
    idleCardMemory,
    undescribed,
    unnamed,
    unknownCard,
    overstated,
    unfit,
    crowded,
    oversubscribed,
  ].flatMap(rule => rule(gpu) ?? []);
}

type Rule = (gpu: GpuOptions) => GpuProblem | undefined;

const idleCardMemory: Rule = ({ cardMemory, memory, claim, share }) => {
  if (cardMemory === undefined) return undefined;
  const path = ['cardMemory'];
  if (claim !== undefined)
    return { path, message: 'has no effect on a claim, whose device is chosen by memory' };
  if (share?.mig !== undefined)
    return { path, message: 'has no effect beside share.mig, whose profile says it' };
  return memory === undefined ? { path, message: 'has no effect without memory' } : undefined;
};

const undescribed: Rule = ({ claim, product, memory }) => {
  if (claim === undefined || DESCRIBED.includes(claim.class)) return undefined;
  const field = product === undefined ? 'memory' : 'product';
  if (product === undefined && memory === undefined) return undefined;
  return {
    path: [field],
    message: `has no effect on a device of ${claim.class}, which may be described in other words: say it in claim.selector`,
  };
};

const unnamed: Rule = ({ share, product }) => {
  const { strategy, profile = '' } = share?.mig ?? {};
  if (product === undefined && strategy === 'single')
    return {
      path: ['product'],
      message: 'is missing: with strategy single, only its label tells a part from a whole card',
    };
  const isLong = `${product ?? ''}-MIG-${profile}`.length > MOST_LABEL;
  return profile !== '' && isLong
    ? { path: ['product'], message: `is too long for a label with -MIG-${profile} behind it` }
    : undefined;
};

const unknownCard: Rule = gpu => {
  const { memory, claim, share } = gpu;
  if (memory === undefined || claim !== undefined || share?.mig !== undefined) return undefined;
  if (cardOf(gpu) !== undefined) return undefined;
  return {
    path: ['cardMemory'],
    message: 'is missing: product does not tell what a card has, so that memory could not be checked',
  };
};

const overstated: Rule = ({ cardMemory, product = '' }) => {
  const known = memoryOfProduct(product);
  if (cardMemory === undefined || known === undefined || memoryBytes(cardMemory) <= known) return undefined;
  return { path: ['cardMemory'], message: `is more than ${product} has, which is ${inGib(known)}` };
};

const unfit: Rule = ({ share, product = '' }) => {
  const known = memoryOfProduct(product);
  const { profile } = share?.mig ?? {};
  if (profile === undefined || known === undefined || gigabytesOf(profile) * 1e9 <= known) return undefined;
  return {
    path: ['share', 'mig', 'profile'],
    message: `is more than ${product} has, which is ${inGib(known)}`,
  };
};

/** What the control daemon lets in on cards before Turing, which it counts by their compute capability (below 7.5). */
const MOST_CLIENTS = 16;
const BEFORE_TURING = /^Tesla-[VPMK]\d/;

const crowded: Rule = ({ share, product = '' }) => {
  const { replicas = 0 } = share?.mps ?? {};
  if (replicas <= MOST_CLIENTS || !BEFORE_TURING.test(product)) return undefined;
  return {
    path: ['share', 'mps', 'replicas'],
    message: `must be at most ${MOST_CLIENTS} on ${product}, as the control daemon of MPS has it`,
  };
};

/** Nothing but this keeps one pod from taking what its neighbours need: time slices have no bounds of memory. */
const oversubscribed: Rule = gpu => {
  const part = partOf(gpu);
  if (gpu.memory === undefined || part === undefined || memoryBytes(gpu.memory) <= part.most)
    return undefined;
  return { path: ['memory'], message: `must be at most ${inGib(part.most)}: ${part.why}` };
};

interface Part {
  /** Bytes. */
  readonly most: number;
  readonly why: string;
}

/** What a pod can have at most; undefined where nobody knows it. */
function partOf(gpu: GpuOptions): Part | undefined {
  const { share, claim } = gpu;
  const profile = share?.mig?.profile;
  if (profile !== undefined)
    return { most: gigabytesOf(profile) * GIB * USABLE, why: `90 % of what ${profile} has` };
  const card = cardOf(gpu);
  if (card === undefined || claim !== undefined) return undefined;
  const { replicas = 1 } = share?.timeSlicing ?? share?.mps ?? {};
  const why = `90 % of a card's ${inGib(card)}${replicas > 1 ? ` for ${replicas} pods` : ''}`;
  return { most: (card * USABLE) / replicas, why };
}

function cardOf({ cardMemory, product = '' }: GpuOptions): number | undefined {
  return cardMemory === undefined ? memoryOfProduct(product) : memoryBytes(cardMemory);
}

/** Rounded down, so that what is told is allowed. */
function inGib(bytes: number): string {
  const gib = Math.floor((bytes / GIB) * 10) / 10;
  return gib < 1 ? `${Math.floor(bytes / 1024 ** 2)}Mi` : `${gib}Gi`;
}
