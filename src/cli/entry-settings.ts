import type { ModelSettings } from '#server';
import { largest, type ModelSource, milliseconds, readSize } from '#spec';

/**
 * How a model of a list runs where it says so itself, beside what is usual for its server. The schema has checked every
 * value.
 */
export function settingsOfEntry(
  source: ModelSource & { readonly share?: number | undefined },
  usual: ModelSettings,
): Partial<ModelSettings> {
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
