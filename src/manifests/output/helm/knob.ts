/** What a person may set when a chart is installed, and where it lands in the objects. */

import type { Path } from '../walk.ts';
import type { Insertion } from '../yaml/write.ts';

export interface Knob {
  /** Where in `values.yaml`, from the top. */
  readonly value: readonly string[];
  /** What the objects have now. */
  readonly initial: unknown;
  /** JSON Schema of it. */
  readonly schema: object;
  /** A sentence for the one who sets it. */
  readonly about: string;
  /** In its object. A path to what is not there adds it. */
  readonly path: Path;
  readonly insertion: Insertion;
}

/** A knob before it is known what writes it: the same value may be written in several ways. */
export type Setting = Pick<Knob, 'value' | 'initial' | 'schema' | 'about'>;

/** `.Values.stable.image` */
export function reference(value: readonly string[]): string {
  return ['.Values', ...value].join('.');
}
