/** Messages of a type between bytes and objects. */
import { failure } from '#base';
import type { Target } from './fields.ts';
import { type Plan, planOf } from './plan.ts';
import { Reader } from './reader.ts';
import type { Decoded, Encodable, MessageType } from './schema.ts';
import { Sizes, Writer } from './writer.ts';

/** Bytes of the largest message that protobuf's readers take. */
const MOST_BYTES = 2 ** 31 - 1;

/** Byte strings from this length on are handed on in `encodePieces`, not copied. */
const APART_FROM = 4096;

/**
 * Reads a message. Fields it does not know are passed over; `bytes` fields are views of `bytes`, so whoever keeps one
 * keeps the whole message. Throws `message_malformed` for whatever is no message of the type.
 */
export function decode<T extends MessageType>(type: T, bytes: Uint8Array): Decoded<T> {
  const plan = planOf(type);
  const reader = new Reader(bytes);
  const target = plan.create();
  plan.read(reader, target);
  return target as Decoded<T>;
}

/** Writes a message. Throws `internal` for a number that its field cannot hold, and for more than 2 GiB. */
export function encode<T extends MessageType>(type: T, value: Encodable<T>): Buffer {
  const [whole] = written(planOf(type), value, { apartFrom: Number.POSITIVE_INFINITY, reserve: 0 });
  return (whole ?? Buffer.alloc(0)) as Buffer;
}

/**
 * Writes a message in pieces, to be sent one after another: large `bytes` fields are handed on as they are. The first
 * piece begins with `reserve` zeros, room for the header of a frame.
 */
export function encodePieces<T extends MessageType>(
  type: T,
  value: Encodable<T>,
  reserve = 0,
): readonly Uint8Array[] {
  return written(planOf(type), value, { apartFrom: APART_FROM, reserve });
}

interface Form {
  readonly apartFrom: number;
  readonly reserve: number;
}

function written(plan: Plan, value: object, { apartFrom, reserve }: Form): readonly Uint8Array[] {
  const sizes = new Sizes(apartFrom);
  const size = plan.size(value as Target, sizes);
  if (size > MOST_BYTES) throw failure('internal', { problem: `a message of ${size} bytes is too large` });
  const buffer = Buffer.allocUnsafe(reserve + size - sizes.apart).fill(0, 0, reserve);
  const writer = new Writer(sizes, buffer, reserve);
  plan.write(value as Target, writer);
  return writer.pieces();
}
