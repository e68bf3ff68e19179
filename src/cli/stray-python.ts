import { type PythonField, strayField } from '#spec';
import type { Asked } from './asked-models.ts';
import { wrong } from './flags.ts';
import type { NamedModel } from './named-models.ts';

/** The flags that say one thing of Python each. */
const flags: Partial<Readonly<Record<PythonField, string>>> = {
  interpreter: '--interpreter',
  class: '--class',
  allowUnsafeFormats: '--allow-unsafe-formats',
};

/** What is said of Python for all models must have an effect on one of them. Throws `usage_invalid`. */
export function checkPython(asked: readonly Asked[], found: readonly NamedModel[]): void {
  const loaders = found.flatMap(({ versions }) => versions.flatMap(({ python }) => python?.loader ?? []));
  for (const { usualPython = {} } of asked) {
    const stray = strayField(usualPython, loaders);
    if (stray === undefined) continue;
    throw wrong(`${flags[stray] ?? `--python, ${stray}`} has no effect on any of the models`);
  }
}
