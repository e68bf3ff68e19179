import type { ModelSettings, Origin } from '#server';
import { type ModelSource, memoryBytes, milliseconds, type PythonOptions } from '#spec';
import { written } from './written.ts';

/** What a model of a list says of how it runs. */
export type EntrySettings = Pick<
  ModelSource,
  'batching' | 'deadline' | 'queue' | 'priorities' | 'runtime'
> & { readonly share?: number | undefined };

/**
 * How a model of a list runs where it says so itself, beside what is usual for its server. The schema has checked every
 * value.
 */
export function settingsOfEntry(source: EntrySettings, usual: ModelSettings): Partial<ModelSettings> {
  const { batching, deadline, queue, priorities, runtime, share } = source;
  return written({
    maxRows: batching?.maxRows,
    maxDelayMs: batching?.maxDelay === undefined ? undefined : milliseconds(batching.maxDelay),
    deadlineMs: deadline === undefined ? undefined : milliseconds(deadline),
    queue: queue && {
      rows: queue.rows ?? usual.queue.rows,
      bytes: queue.bytes === undefined ? usual.queue.bytes : memoryBytes(queue.bytes),
    },
    priorities,
    share,
    ...runtime?.onnx,
  });
}

/** Where the settings of its processes are written: by a model of Python itself, or by its service for all of them. */
export function originsOfProcesses(
  { runtime, from }: EntrySettings & { readonly from: string },
  usual: PythonOptions | undefined,
): Origin[] {
  const own = runtime?.python;
  return (['threads', 'instances'] as const).flatMap(setting => {
    if (own?.[setting] !== undefined) return [{ setting, field: `${from}.runtime.python.${setting}` }];
    return usual?.[setting] === undefined ? [] : [{ setting, field: `spec.runtime.python.${setting}` }];
  });
}

/** Where each of them is written, from the place that has them all, such as `spec.models[0]`. */
export function originsOfEntry(source: EntrySettings & { readonly from: string }): Origin[] {
  const { batching, deadline, queue, priorities, runtime, share, from } = source;
  const onnx = Object.entries(runtime?.onnx ?? {}) as [Origin['setting'], unknown][];
  const fields: readonly (readonly [Origin['setting'], string, unknown])[] = [
    ['maxRows', 'batching.maxRows', batching?.maxRows],
    ['maxDelayMs', 'batching.maxDelay', batching?.maxDelay],
    ['deadlineMs', 'deadline', deadline],
    ['queue', 'queue', queue],
    ['priorities', 'priorities', priorities],
    ['share', 'share', share],
    ...onnx.map(([name, value]) => [name, `runtime.onnx.${name}`, value] as const),
  ];
  return fields.flatMap(([setting, field, value]) =>
    value === undefined ? [] : [{ setting, field: `${from}.${field}` }],
  );
}
