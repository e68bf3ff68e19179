/** What the generator is told and what it tells, each as one JSON text between two processes. */
import { z } from 'zod';
import { tallySchema } from './tally.ts';

const positive = z.number().positive();

export const planSchema = z.object({
  url: z.url({ protocol: /^http$/ }),
  headers: z.record(z.string(), z.string()),
  /** The file that every request posts. */
  body: z.string(),
  /** What the body of every right answer holds. */
  sign: z.string(),
  /** Milliseconds within which an answer counts. */
  deadlineMs: positive,
  /** Milliseconds for which a client waits. */
  patienceMs: positive,
  /** Connections at once, at most. */
  connections: z.int().positive(),
  load: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('open'),
      phases: z.array(z.object({ rate: positive, seconds: positive })).min(1),
      pattern: z.enum(['poisson', 'even']),
      seed: z.int(),
      /** When there are three phases, before, too much, and after: tell how long after the second the third is like the first. */
      recovery: z.boolean(),
    }),
    z.object({ kind: z.literal('closed'), clients: z.int().positive(), seconds: positive }),
  ]),
});

export type LoadPlan = z.output<typeof planSchema>;

export const resultSchema = z.object({
  /** The wall clock's milliseconds when the load began. */
  startedAt: z.number(),
  /** The most connections at once. */
  connections: z.int(),
  /** CPU of the generator a request, in microseconds, its waking wait for the next left in. */
  cpuUs: z.number(),
  /** One for each phase. */
  phases: z.array(tallySchema),
  /** Milliseconds after the overload until the p99 was as before; null when it was not, or nobody asked. */
  recoveredMs: z.number().nullable(),
});

export type LoadReport = z.output<typeof resultSchema>;
