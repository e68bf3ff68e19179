/**
 * Strings in `tensor_content`, which TensorFlow's C++ clients may write: the length of each as a varint of 32 bits, and
 * behind all lengths all bytes. Source: `DecodeStringList` of tensorflow/core/platform/tensor_coding.cc.
 */
import { invalid } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { RawReading } from '../../tensors/raw.ts';
import { shown } from '../../tensors/shown.ts';
import { elementCount, shapeText } from '../../tensors/tensor.ts';

/** Bytes of a varint of 32 bits, at most. */
const MOST_VARINT = 5;

/** The strings, as views of the content. Throws `input_invalid` when they are not as many as the shape has elements. */
export function readStringList(content: Buffer, { name, shape, at }: RawReading): ByteStrings {
  const wrong = (): Error =>
    invalid(
      `the tensor_content of input '${shown(name)}' is not as many strings as its shape ${shapeText(shape)} has elements`,
      at,
    );
  const count = elementCount(shape);
  // Each takes a byte at least: there is no memory for more of them than that.
  if (!(count <= content.length)) throw wrong();
  const ends = new Uint32Array(count);
  let cursor = 0;
  for (let index = 0; index < count; index++) {
    const end = endOfVarint(content, cursor);
    const length = varint(content, cursor, end);
    if (end === -1 || length > content.length) throw wrong();
    ends[index] = length;
    cursor = end;
  }
  const starts = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    starts[index] = cursor;
    cursor += ends[index] ?? 0;
    if (cursor > content.length) throw wrong();
    ends[index] = cursor;
  }
  if (cursor !== content.length) throw wrong();
  return new ByteStrings(content, starts, ends);
}

/** Just behind the varint; -1 when it does not end. */
function endOfVarint(bytes: Buffer, start: number): number {
  for (let cursor = start; cursor < Math.min(bytes.length, start + MOST_VARINT); cursor++)
    if ((bytes[cursor] ?? 0) < 0x80) return cursor + 1;
  return -1;
}

function varint(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let cursor = end - 1; cursor >= start; cursor--) value = value * 128 + ((bytes[cursor] ?? 0) & 0x7f);
  return value;
}
