/** `spec.resources`: what each pod of a service has of its node. */
import * as z from 'zod';
import { counts, largest, readCores } from './bounds.ts';
import { countOf, must, oneKeyOf, size, sizeText } from './fields.ts';

const cores = () =>
  z
    .union([z.string(), z.number()], 'must be a number of cores such as 2, "0.5" or 500m')
    .transform(String)
    .superRefine(must(readCores));

const sharing = z
  .strictObject({ replicas: countOf(counts.shares).describe('Pods that one card is shared by.') })
  .describe('Equal shares of a card.');

const share = oneKeyOf({
  timeSlicing: sharing
    .optional()
    .describe('Pods take turns on a card; nothing keeps their memory or their faults apart.'),
  mps: sharing
    .optional()
    .describe("Pods run on a card at once, by NVIDIA's MPS: each has 1/N of its memory and cores."),
  mig: z
    .strictObject({
      profile: z
        .string()
        .regex(/^[1-9]\d*g\.[1-9]\d*gb(\+me)?$/, 'must be a profile of MIG such as 1g.10gb')
        .describe('A part of the card that the hardware keeps apart.'),
      strategy: z
        .enum(['single', 'mixed'])
        .default('mixed')
        .describe('Whether all cards of a node are cut the same way (single), as the device plugin has it.'),
    })
    .optional(),
});

const claim = z.strictObject({
  class: z
    .string()
    .regex(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/, 'must be the name of a DeviceClass')
    .default('gpu.nvidia.com')
    .describe('The DeviceClass that the device is of.'),
  selector: z
    .string()
    .min(1)
    .max(10_000)
    .optional()
    .describe('An expression of CEL that the device must meet.'),
  shared: z
    .boolean()
    .default(false)
    .describe('All pods use one device, and so one node; otherwise each pod has one of its own.'),
});

const gpu = z
  .strictObject({
    count: countOf(counts.gpus).optional().describe('Whole cards of each pod.'),
    share: share
      .optional()
      .describe('A part of a card for each pod, as the node has been set up to share it.'),
    claim: claim.optional().describe('A device by dynamic resource allocation (Kubernetes 1.34 and later).'),
    product: z
      .string()
      .regex(
        /^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/,
        'must be a label such as NVIDIA-A100-SXM4-40GB',
      )
      .optional()
      .describe("The card, as the node's label nvidia.com/gpu.product calls it."),
    memory: sizeText(largest.memory).optional().describe('What a pod needs of its memory.'),
    cardMemory: sizeText(largest.memory)
      .optional()
      .describe('What one card has; where it is not known by its product.'),
  })
  .refine(
    ({ count, share: shared, claim: claimed }) =>
      [count, shared, claimed].filter(one => one !== undefined).length === 1,
    { error: 'must have exactly one of count, share, claim' },
  );

export const resources = z.strictObject({
  cpu: cores()
    .prefault('250m')
    .describe('Cores that are set aside for a pod; it may use more where they are idle.'),
  cpuLimit: cores().optional().describe('Cores that it may use at most. Default: as many as are idle.'),
  memory: size('1Gi', largest.memory).describe(
    'Memory of a pod: set aside for it, and the most that it may use.',
  ),
  gpu: gpu.optional(),
});

export type Resources = Readonly<z.output<typeof resources>>;
export type GpuOptions = NonNullable<Resources['gpu']>;
