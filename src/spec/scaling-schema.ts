/** `spec.scaling`: how many pods a service has, by what is measured. */
import * as z from 'zod';
import { counts, shortest } from './bounds.ts';
import { countOf, duration, url } from './fields.ts';

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const external = z.strictObject({
  metric: z.string().min(1).max(253).describe('Its name in the external metrics API.'),
  labels: z
    .record(z.string().regex(LABEL_NAME, 'must be the name of a label'), z.string().max(63))
    .default({})
    .describe('Labels that it must have.'),
  average: z.number().positive().describe('Of it for each pod.'),
});

const prometheus = z.strictObject({
  server: url().describe('The address of Prometheus as KEDA reaches it.'),
  query: z.string().min(1).max(10_000).describe('A query with one number for an answer.'),
  average: z.number().positive().describe('Of it for each pod.'),
  activation: z.number().min(0).default(0).describe('With min 0: above this, there is a pod.'),
  fallback: countOf(counts.pods)
    .optional()
    .describe('Pods while the query has no answer. Default: as many as there are.'),
});

const kinds = ['cpu', 'inFlight', 'external', 'prometheus'] as const;

export const scaling = z
  .strictObject({
    min: z.int().min(0).max(counts.pods.most).default(1).describe('Pods at least; 0 only with prometheus.'),
    max: countOf(counts.pods).describe('Pods at most.'),
    cpu: z.int().min(1).max(100).optional().describe('Percent of the cores that are set aside for a pod.'),
    inFlight: countOf(counts.inFlight)
      .optional()
      .describe('Predictions that a pod has in flight: needs an adapter that serves metrics of pods.'),
    external: external.optional().describe('A metric from outside, through the external metrics API.'),
    prometheus: prometheus.optional().describe('A query of Prometheus, by KEDA.'),
    up: z
      .strictObject({
        window: duration('0s', shortest.window).describe('The least that was wanted within it counts.'),
      })
      .prefault({}),
    down: z
      .strictObject({
        window: duration('5m', shortest.window).describe('The most that was wanted within it counts.'),
      })
      .prefault({}),
  })
  .refine(value => kinds.filter(kind => value[kind] !== undefined).length === 1, {
    error: `must have exactly one of ${kinds.join(', ')}`,
  })
  .refine(({ min, max }) => min <= max, { error: 'must be at least min', path: ['max'] })
  .refine(({ min, prometheus: queried }) => min > 0 || queried !== undefined, {
    error: 'must be at least 1: pods that are gone tell nothing to scale by',
    path: ['min'],
  });

export type Scaling = Readonly<z.output<typeof scaling>>;
