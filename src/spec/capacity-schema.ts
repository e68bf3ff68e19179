/** `spec.capacity`: on what machines a service runs. */
import * as z from 'zod';
import { shortest } from './bounds.ts';
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

export const capacity = z.strictObject({
  spot: z
    .strictObject({
      notice: notice.optional().describe('How a notice reaches the service, and what time is left then.'),
    })
    .optional()
    .describe('Machines that are taken away at short notice.'),
});
