/**
 * Elements that a request asks for and does not spell out: the rest of a tensor whose last value stands for all that are
 * missing, and features that a context has for every example. A few bytes can ask so for a tensor of any size, and there is
 * one budget for all of a request, in bytes of memory.
 */
import type { Place } from '#base';
import { invalid } from '../../models/signature.ts';
import { elementSizes } from '../../tensors/raw.ts';
import { shown } from '../../tensors/shown.ts';
import type { Datatype } from '../../tensors/tensor.ts';

/** As many requests as may be in flight ask for it at once, uncounted and with a few bytes each. */
const MOST_FILLED = 256 * 1024;

/** Bytes of a string's place in a tensor. */
const STRING_PLACE = 8;

export class Filling {
  #left = MOST_FILLED;

  /** Before there is memory for it. Throws `input_invalid` when there is not so much left. */
  take(bytes: number, { name, at }: { readonly name: string; readonly at: Place }): void {
    // A shape's product may be more than any number, and then no number at all.
    if (!(bytes <= this.#left))
      throw invalid(
        `input '${shown(name)}' has many more elements than the request has values: more than ${MOST_FILLED} bytes must be written out`,
        at,
      );
    this.#left -= bytes;
  }
}

/** Bytes of memory that elements take; `text` are those of the strings themselves. */
export function sizeOf(datatype: Datatype, count: number, text: number): number {
  return datatype === 'BYTES' ? count * STRING_PLACE + text : count * elementSizes[datatype];
}
