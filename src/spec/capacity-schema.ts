/** `spec.capacity`: on what machines a service runs. */
import * as z from 'zod';
import { counts, shortest } from './bounds.ts';
import { duration } from './fields.ts';

const notice = z.strictObject({
  file: z
    .string()
    .min(1, 'must name a file')
    .optional()
    .describe(
      'What the machine is taken away by: once this file appears, or something is written to it, a drain begins.',
    ),
  budget: duration('25s', shortest.grace).describe(
    'From such a notice to the exit, at most; no less than 1s. The clouds give 30s to 2m, GKE 15s to a pod.',
  ),
});

/** Karpenter, and EKS' own Auto Mode, label machines alike; node groups of EKS do otherwise. */
const clouds = ['eks', 'karpenter', 'gke', 'gke-autopilot', 'aks'] as const;

export const capacity = z.strictObject({
  spot: z
    .strictObject({
      cloud: z
        .enum(clouds)
        .optional()
        .describe('Whose machines: decides their labels and taints, and how long a pod has to end.'),
      floor: z
        .int()
        .min(0)
        .max(counts.pods.most)
        .optional()
        .describe('Of the replicas, so many are on machines that stay. Default: 1, where cloud is said.'),
      notice: notice.optional().describe('How a notice reaches the service, and what time is left then.'),
    })
    .refine(({ cloud, floor }) => cloud !== undefined || floor === undefined, {
      error: 'has no effect without cloud',
      path: ['floor'],
    })
    .optional()
    .describe('Machines that are taken away at short notice.'),
});
