/** `spec.resources`: what each pod of a service has of its node. */
import * as z from 'zod';
import { largest, readCores, readSize } from './bounds.ts';
import { must, size } from './fields.ts';
import { gpuProblems } from './gpu-rules.ts';
import { type GpuOptions, gpu } from './gpu-schema.ts';

const cores = () =>
  z
    .union([z.string(), z.number()], 'must be a number of cores such as 2, "0.5" or 500m')
    .transform(String)
    .superRefine(must(readCores));

export const resources = z
  .strictObject({
    cpu: cores()
      .prefault('250m')
      .describe('Cores that are set aside for a pod; it may use more where they are idle.'),
    cpuLimit: cores().optional().describe('Cores that it may use at most. Default: as many as are idle.'),
    memory: size('1Gi', largest.memory).describe(
      'Memory of a pod: set aside for it, and the most that it may use.',
    ),
    gpu: gpu
      .superRefine((value, context) => {
        if (!areSizes(value)) return;
        for (const { path, message } of gpuProblems(value))
          context.addIssue({ code: 'custom', message, path: [...path] });
      })
      .optional(),
  })
  .refine(({ cpu, cpuLimit = cpu }) => !(milliCores(cpu) > milliCores(cpuLimit)), {
    error: 'must be at least cpu, which is set aside',
    path: ['cpuLimit'],
  });

/** What is no size is told at its own place, and compared with nothing. */
function areSizes({ memory, cardMemory }: GpuOptions): boolean {
  return [memory, cardMemory].every(text => text === undefined || readSize(text, largest.memory).ok);
}

/** No number of what is no such text, which is told at its own place. */
function milliCores(text: string): number {
  const read = readCores(text);
  return read.ok ? read.value : Number.NaN;
}
