/**
 * Protocol Buffers' wire format, read from one buffer. Whatever is not of the format throws `message_malformed` with its
 * offset. Stricter than the reference readers where leniency only hides a fault: groups, which proto3 has no more, a
 * known field with another wire type, a varint of more than 64 bits, and a tag or length of more bytes than 32 bits take
 * are refused.
 * Format: protobuf.dev/programming-guides/encoding.
 */
import { constants, isUtf8 } from 'node:buffer';
import { failure } from '#base';

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;
export type WireType = typeof VARINT | typeof FIXED64 | typeof LENGTH | typeof FIXED32;

/** Messages within messages, the outermost included: protobuf's own readers stop here too. */
export const MOST_DEPTH = 100;

/**
 * Strings, byte strings, messages and arrays that one message may hold, at any depth: two bytes on the wire can become a
 * hundred in memory, so their number is bounded and not only the message's size.
 */
export const MOST_PARTS = 1_000_000;

/** Bytes of a tag or a length. Those who look at a message on its way read no more of them, and must see what is seen here. */
const MOST_SMALL_BYTES = 5;

/** The length from which text is checked by the library and not byte by byte. */
const LONG_TEXT = 48;

const words = new Int32Array(2);
const signed = new BigInt64Array(words.buffer);
const unsigned = new BigUint64Array(words.buffer);

export class Reader {
  readonly bytes: Buffer;
  at = 0;
  /** Just behind the innermost open message. */
  end: number;
  /** The upper half of the varint last read. */
  high = 0;
  #depth = 1;
  #parts = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
  }

  fail(problem: string, offset = this.at): never {
    throw failure('message_malformed', { problem, offset });
  }

  /** A field's number and wire type, as (number << 3) | wire. */
  tag(): number {
    const start = this.at;
    const tag = this.varint() >>> 0;
    const isInRange = tag >= 8 && this.high === 0 && this.at - start <= MOST_SMALL_BYTES;
    if (!isInRange) this.fail('a field has a number out of range', start);
    return tag;
  }

  /** The lower half of a varint, as a signed integer; `high` is the upper. */
  varint(): number {
    if (this.at >= this.end) this.fail('a number is cut short');
    const byte = this.bytes[this.at++] ?? 0;
    this.high = 0;
    return byte < 0x80 ? byte : this.#longVarint(byte & 0x7f);
  }

  #longVarint(first: number): number {
    let low = first;
    for (let shift = 7; shift < 70; shift += 7) {
      if (this.at >= this.end) this.fail('a number is cut short');
      const byte = this.bytes[this.at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift <= 28) low |= bits << shift;
      if (shift === 28) this.high = bits >>> 4;
      else if (shift > 28) this.high |= bits << (shift - 32);
      if (shift === 63 && byte > 1) break;
      if (byte < 0x80) return low;
    }
    return this.fail('a number has more than 64 bits');
  }

  int64(): bigint {
    words[0] = this.varint();
    words[1] = this.high;
    return signed[0] ?? 0n;
  }

  uint64(): bigint {
    words[0] = this.varint();
    words[1] = this.high;
    return unsigned[0] ?? 0n;
  }

  float(): number {
    return this.bytes.readFloatLE(this.#fixed(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#fixed(8));
  }

  #fixed(width: number): number {
    const start = this.at;
    if (width > this.end - start) this.fail('a number is cut short');
    this.at = start + width;
    return start;
  }

  /** Takes a length, and gives the offset just behind what has it. */
  part(): number {
    this.countPart();
    return this.#length();
  }

  #length(): number {
    const start = this.at;
    const length = this.varint() >>> 0;
    const isSmall = this.high === 0 && this.at - start <= MOST_SMALL_BYTES;
    if (!isSmall || length > this.end - this.at) this.fail('a field is longer than what holds it', start);
    return this.at + length;
  }

  /** Counts what came without a length of its own. */
  countPart(): void {
    if (++this.#parts > MOST_PARTS) this.fail(`it has more than ${MOST_PARTS} parts`);
  }

  /** A view, not a copy. */
  view(): Buffer {
    const end = this.part();
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  text(): string {
    const end = this.part();
    const start = this.at;
    this.at = end;
    if (this.#isAscii(start, end)) return this.bytes.toString('latin1', start, end);
    if (end - start > constants.MAX_STRING_LENGTH) this.fail('a string is too long', start);
    if (!isUtf8(this.bytes.subarray(start, end))) this.fail('a string is not UTF-8', start);
    return this.bytes.toString('utf8', start, end);
  }

  /** False for long text too, which the library is quicker with. */
  #isAscii(start: number, end: number): boolean {
    if (end - start > LONG_TEXT) return false;
    let cursor = start;
    while (cursor < end && (this.bytes[cursor] ?? 0) < 0x80) cursor++;
    return cursor === end;
  }

  /** Opens the message that begins here, and gives the end of the one around it, for `leave`. */
  enter(): number {
    const outer = this.end;
    this.end = this.part();
    if (++this.#depth > MOST_DEPTH) this.fail(`messages are nested deeper than ${MOST_DEPTH}`);
    return outer;
  }

  leave(outer: number): void {
    this.end = outer;
    this.#depth--;
  }

  /** Passes over the value of a field that nobody asked for, whose tag has been read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.#fixed(8);
        return;
      case LENGTH:
        this.at = this.#length();
        return;
      case FIXED32:
        this.#fixed(4);
        return;
      default:
        this.fail(`field ${tag >>> 3} has the wire type ${tag & 7}, which proto3 does not have`);
    }
  }

  /** Refuses a field whose wire type is not what its type is written with. */
  expect(wire: WireType, tag: number, name: string): void {
    if ((tag & 7) !== wire)
      this.fail(`${name} (field ${tag >>> 3}) has the wire type ${tag & 7}, not ${wire}`);
  }
}
