import type { ModelSettings, Origin } from '#server';
import { largest, type ModelSource, milliseconds, readSize } from '#spec';

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
  return defined({
    maxRows: batching?.maxRows,
    maxDelayMs: batching?.maxDelay === undefined ? undefined : milliseconds(batching.maxDelay),
    deadlineMs: deadline === undefined ? undefined : milliseconds(deadline),
    queue: queue && {
      rows: queue.rows ?? usual.queue.rows,
      bytes: queue.bytes === undefined ? usual.queue.bytes : bytes(queue.bytes),
    },
    priorities,
    share,
    ...runtime?.onnx,
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

function bytes(text: string): number {
  const read = readSize(text, largest.memory);
  if (!read.ok) throw new Error(`the schema let through '${text}': it ${read.error}`);
  return read.value;
}

/** Without the members that are undefined, which would hide what is usual. */
function defined(
  settings: {
    readonly [K in keyof ModelSettings]?: ModelSettings[K] | undefined;
  },
): Partial<ModelSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
