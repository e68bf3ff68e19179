/**
 * The binary tensor data extension: a body of JSON, whose length the header `Inference-Header-Content-Length` tells, and
 * behind it the bytes of the tensors that the JSON says are there, in its order.
 */
import { invalid } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import type { Content } from '../port.ts';

export const HEADER = 'inference-header-content-length';

const LENGTH = /^\d{1,10}$/;

/** A body in its two parts. */
export interface Parts {
  /** Undefined when the body is nothing but one tensor's bytes. */
  readonly json: Buffer | undefined;
  readonly binary: BinarySection;
}

/** The bytes of tensors, taken in order. */
export class BinarySection {
  readonly bytes: Buffer;
  readonly #model: string;
  #at = 0;

  constructor(bytes: Buffer, model: string) {
    this.bytes = bytes;
    this.#model = model;
  }

  /** The next tensor's bytes. Throws `input_invalid` when there are fewer. */
  take(size: number, input: string): Buffer {
    const missing = this.#at + size - this.bytes.length;
    if (missing > 0)
      throw invalid(
        `unexpected size for input '${shown(input)}', expecting ${missing} additional bytes for model '${this.#model}'`,
        ['inputs', input],
      );
    this.#at += size;
    return this.bytes.subarray(this.#at - size, this.#at);
  }

  /** Throws `input_invalid` when bytes are left that belong to no tensor. */
  end(): void {
    const left = this.bytes.length - this.#at;
    if (left > 0)
      throw invalid(
        `unexpected additional input data for model '${this.#model}': ${left} bytes belong to no input`,
        [],
      );
  }
}

/** Where the tensors' bytes begin, as far as the header tells. */
export function tensorsAt(headers: Content['headers']): number | undefined {
  const header = headers[HEADER];
  return typeof header === 'string' && LENGTH.test(header) ? Number(header) : undefined;
}

/** Without the header, all is JSON. */
export function partsOf({ bytes, headers }: Content, model: string): Parts {
  const header = headers[HEADER];
  if (header === undefined)
    return { json: bytes, binary: new BinarySection(bytes.subarray(bytes.length), model) };
  const length = lengthOf(String(header), bytes.length);
  return {
    json: length === 0 ? undefined : bytes.subarray(0, length),
    binary: new BinarySection(bytes.subarray(length), model),
  };
}

function lengthOf(header: string, most: number): number {
  const length = LENGTH.test(header) ? Number(header) : Number.NaN;
  if (length <= most) return length;
  throw invalid(
    `Unable to parse Inference-Header-Content-Length, got: ${shown(header)}; it must be the bytes of JSON in the body of ${most}`,
    [HEADER],
  );
}
