/** `spec.resources.gpu`: whole cards, a part of one, or a device that is claimed. What contradicts itself, `gpu-rules.ts` refuses. */
import * as z from 'zod';
import { counts, LABEL, largest } from './bounds.ts';
import { countOf, oneKeyOf, sizeText } from './fields.ts';

const sharing = z
  .strictObject({ replicas: countOf(counts.shares).describe('Pods that one card is shared by.') })
  .describe('Equal shares of a card.');

const mig = z.strictObject({
  profile: z
    .string()
    .regex(/^[1-7]g\.[1-9]\d{0,2}gb(\+me)?$/, 'must be a profile of MIG such as 1g.10gb')
    .describe('A part of the card that the hardware keeps apart.'),
  strategy: z
    .enum(['single', 'mixed'])
    .default('mixed')
    .describe('Whether all cards of a node are cut the same way (single), as the device plugin has it.'),
});

const share = oneKeyOf({
  timeSlicing: sharing
    .optional()
    .describe('Pods take turns on a card; nothing keeps their memory or their faults apart.'),
  mps: sharing
    .optional()
    .describe("Pods run on a card at once, by NVIDIA's MPS: each has 1/N of its memory and cores."),
  mig: mig.optional(),
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

export const gpu = z
  .strictObject({
    count: countOf(counts.gpus).optional().describe('Whole cards of each pod.'),
    share: share
      .optional()
      .describe('A part of a card for each pod, as the node has been set up to share it.'),
    claim: claim.optional().describe('A device by dynamic resource allocation (Kubernetes 1.34 and later).'),
    product: z
      .string()
      .regex(LABEL, 'must be a label such as NVIDIA-A100-SXM4-40GB')
      .refine(
        label => !/-SHARED$|-MIG-/.test(label),
        'must be the name of the card alone; how it is shared is said by share',
      )
      .optional()
      .describe("The card, as the node's label nvidia.com/gpu.product calls it."),
    memory: sizeText(largest.memory)
      .optional()
      .describe('What a pod needs of its memory: with all that share it, at most 90 % of what it has.'),
    cardMemory: sizeText(largest.memory)
      .optional()
      .describe('What one card has, where it is not known by its product; memory is checked against it.'),
  })
  .refine(
    ({ count, share: shared, claim: claimed }) =>
      [count, shared, claimed].filter(one => one !== undefined).length === 1,
    { error: 'must have exactly one of count, share, claim' },
  );

export type GpuOptions = Readonly<z.output<typeof gpu>>;
