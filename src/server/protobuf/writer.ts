/** Protocol Buffers' wire format, written once into a buffer of the right size: sizes come first, in the same order. */

/** The length from which text is written by the library and not byte by byte. */
const LONG_TEXT = 32;

/** What the first pass finds out for the second: the size of each string, message and array that has a length before it. */
export class Sizes {
  readonly #sizes: number[] = [];
  #next = 0;
  /** Byte strings of at least this many bytes become pieces of their own. */
  readonly apartFrom: number;
  /** Bytes in pieces of their own. */
  apart = 0;

  constructor(apartFrom: number) {
    this.apartFrom = apartFrom;
  }

  /** Keeps a place for a size that is known only after the sizes within. */
  reserve(): number {
    return this.#sizes.push(0) - 1;
  }

  settle(place: number, size: number): number {
    this.#sizes[place] = size;
    return sizeOfVarint(size) + size;
  }

  /** Notes the size of something with a length before it, and gives the size of both. */
  note(size: number): number {
    this.#sizes.push(size);
    return sizeOfVarint(size) + size;
  }

  next(): number {
    return this.#sizes[this.#next++] ?? 0;
  }
}

export class Writer {
  readonly sizes: Sizes;
  readonly #buffer: Buffer;
  #at: number;
  /** Where the bytes that are in no piece yet begin. */
  #from = 0;
  readonly #pieces: Uint8Array[] = [];

  /** Writes from `start`; what is before it belongs to the first piece, as the caller leaves it. */
  constructor(sizes: Sizes, buffer: Buffer, start: number) {
    this.sizes = sizes;
    this.#buffer = buffer;
    this.#at = start;
  }

  /** All that was written, in order. */
  pieces(): Uint8Array[] {
    this.#cut();
    return this.#pieces;
  }

  /** An unsigned integer below 2^32. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  /** 64 bits in two halves, each as any 32-bit integer. */
  varint64(low: number, high: number): void {
    let lower = low >>> 0;
    let upper = high >>> 0;
    while (upper > 0) {
      this.#buffer[this.#at++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.varint(lower);
  }

  float(value: number): void {
    this.#at = this.#buffer.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** Takes the size that the first pass found, and writes it as a length. */
  length(): number {
    const size = this.sizes.next();
    this.varint(size);
    return size;
  }

  text(value: string): void {
    const size = this.length();
    const start = this.#at;
    this.#at = start + size;
    if (size !== value.length) this.#buffer.write(value, start, size, 'utf8');
    else if (size > LONG_TEXT) this.#buffer.write(value, start, size, 'latin1');
    else for (let index = 0; index < size; index++) this.#buffer[start + index] = value.charCodeAt(index);
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    if (value.length < this.sizes.apartFrom) {
      this.raw(value);
      return;
    }
    this.#cut();
    this.#pieces.push(value);
  }

  raw(value: Uint8Array): void {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  #cut(): void {
    if (this.#at > this.#from) this.#pieces.push(this.#buffer.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }
}

/** Bytes that an unsigned integer below 2^32 takes. */
export function sizeOfVarint(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Bytes that 64 bits in two halves take. */
export function sizeOfVarint64(low: number, high: number): number {
  const upper = high >>> 0;
  if (upper === 0) return sizeOfVarint(low >>> 0);
  // The first five bytes hold 35 bits, of which 3 are of the upper half.
  return upper < 8 ? 5 : 5 + sizeOfVarint(upper >>> 3);
}

/** Bytes of a string in UTF-8. A lone surrogate, which has none, is written as U+FFFD, three bytes. */
export function sizeOfText(value: string): number {
  if (value.length > LONG_TEXT) return Buffer.byteLength(value);
  for (let index = 0; index < value.length; index++)
    if (value.charCodeAt(index) > 0x7f) return Buffer.byteLength(value);
  return value.length;
}
