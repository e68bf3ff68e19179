/**
 * Protocol Buffers' wire format, read from anything that can give bytes at an offset, so that a file of gigabytes is
 * walked without being loaded. Format: protobuf.dev/programming-guides/encoding.
 */

export interface ByteSource {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** A field of a message: a number for varints, a range of the source for what has a length. */
export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly start: number; readonly end: number }
  | { readonly number: number; readonly kind: 'fixed' };

/** Thrown where bytes are no message; the caller words it. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Part of a source. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The fields of a message, in order. At most one of each group in `once` may be there: Protocol Buffers' readers take
 * the last of a repeated field, or merge them all, so whoever took the first would see another message than they do.
 */
export function* fields(
  source: ByteSource,
  { start, end }: Range,
  once: readonly (readonly number[])[],
): Generator<Field> {
  const seen = new Set<readonly number[]>();
  for (const field of everyField(source, start, end)) {
    const group = once.find(numbers => numbers.includes(field.number));
    if (group !== undefined && seen.has(group))
      throw new WireError(`field ${field.number} of a message is there twice`);
    if (group !== undefined) seen.add(group);
    yield field;
  }
}

function* everyField(source: ByteSource, start: number, end: number): Generator<Field> {
  let at = start;
  while (at < end) {
    const tag = varint(source, at, end);
    const number = Number(tag.value >> 3n);
    if (number === 0 || number > 536_870_911) throw new WireError(`byte ${at} starts no field`);
    const body = readBody(source, { number, wire: Number(tag.value & 7n), at: tag.end, end });
    yield body.field;
    at = body.next;
  }
}

interface Body {
  readonly number: number;
  readonly wire: number;
  readonly at: number;
  readonly end: number;
}

function readBody(source: ByteSource, { number, wire, at, end }: Body): { field: Field; next: number } {
  switch (wire) {
    case 0: {
      const { value, end: next } = varint(source, at, end);
      return { field: { number, kind: 'varint', value }, next };
    }
    case 1:
    case 5: {
      const next = at + (wire === 1 ? 8 : 4);
      if (next > end) throw new WireError('a field is cut short');
      return { field: { number, kind: 'fixed' }, next };
    }
    case 2: {
      const length = varint(source, at, end);
      const next = length.end + Number(length.value);
      if (next > end) throw new WireError(`a field at byte ${at} is longer than what holds it`);
      return { field: { number, kind: 'bytes', start: length.end, end: next }, next };
    }
    default:
      throw new WireError(`byte ${at - 1} has the unknown wire type ${wire}`);
  }
}

function varint(source: ByteSource, at: number, end: number): { value: bigint; end: number } {
  const bytes = source.read(at, Math.min(10, end - at));
  let value = 0n;
  for (const [index, byte] of bytes.entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + index + 1 };
  }
  throw new WireError(`a number at byte ${at} does not end`);
}
