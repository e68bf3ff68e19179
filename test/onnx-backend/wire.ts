/** Protocol Buffers' wire format, read whole. Format: protobuf.dev/programming-guides/encoding. */

/** A field: a varint's value, or the bytes of what has a length or a fixed size. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: bigint | Buffer;
}

/** Fields of a message, in order. Throws when it is cut short. */
export function* fieldsOf(bytes: Buffer): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    const wire = Number(tag.value & 7n);
    const number = Number(tag.value >> 3n);
    const next = wire === 0 ? varint(bytes, tag.end) : sized(bytes, wire, tag.end);
    if (next.end > bytes.length) throw new Error('a field is cut short');
    yield { number, wire, value: next.value };
    at = next.end;
  }
}

/** The messages, texts or bytes that stand in a field. */
export function bytesIn(message: Buffer, number: number): Buffer[] {
  const found: Buffer[] = [];
  for (const field of fieldsOf(message))
    if (field.number === number && typeof field.value !== 'bigint') found.push(field.value);
  return found;
}

/** Varints of a field, which is packed or not. */
export function varints({ wire, value }: Field): bigint[] {
  if (typeof value === 'bigint') return [value];
  if (wire !== 2) throw new Error('a field is not what ONNX has there');
  const values: bigint[] = [];
  for (let at = 0; at < value.length; ) {
    const next = varint(value, at);
    values.push(next.value);
    at = next.end;
  }
  return values;
}

function sized(bytes: Buffer, wire: number, at: number): { value: Buffer; end: number } {
  const length = wire === 2 ? varint(bytes, at) : { value: wire === 1 ? 8n : 4n, end: at };
  const end = length.end + Number(length.value);
  return { value: bytes.subarray(length.end, end), end };
}

function varint(bytes: Buffer, at: number): { value: bigint; end: number } {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + index + 1 };
  }
  throw new Error('a number does not end');
}
