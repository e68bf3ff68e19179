import { isUtf8 } from 'node:buffer';

/** Bytes that a growing list has room for at first. */
const FIRST_ROOM = 64;

/**
 * The elements of a BYTES tensor: strings of any bytes, in one piece of memory. An object for each would cost twenty times
 * what an empty one takes on the wire. Elements may stand anywhere in `bytes`, so a message as it came can be its memory.
 */
export class ByteStrings {
  bytes: Buffer;
  /** Where each element begins and ends in `bytes`. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Bytes in use, when it grows. */
  #used: number;

  constructor(bytes: Buffer, starts: Uint32Array, ends: Uint32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.ends = ends;
    this.#used = bytes.length;
  }

  /** So many empty elements. */
  static empty(length: number): ByteStrings {
    return new ByteStrings(Buffer.alloc(0), new Uint32Array(length), new Uint32Array(length));
  }

  static of(elements: readonly (string | Uint8Array)[]): ByteStrings {
    const strings = ByteStrings.empty(elements.length);
    for (const [index, element] of elements.entries()) strings.set(index, element);
    return strings;
  }

  get length(): number {
    return this.starts.length;
  }

  /** One element; a view. */
  at(index: number): Buffer {
    return this.bytes.subarray(this.starts[index], this.ends[index]);
  }

  /** Puts an element in its place, text as UTF-8. */
  set(index: number, element: string | Uint8Array): void {
    const size = typeof element === 'string' ? Buffer.byteLength(element) : element.length;
    const start = this.#used;
    this.#makeRoom(size);
    if (typeof element === 'string') this.bytes.write(element, start);
    else this.bytes.set(element, start);
    this.#used += size;
    this.starts[index] = start;
    this.ends[index] = start + size;
  }

  /** Puts all elements of another from a place on. */
  setAll(other: ByteStrings, offset: number): void {
    for (let index = 0; index < other.length; index++) this.set(offset + index, other.at(index));
  }

  /** Some elements; a view. */
  subarray(from: number, to: number): ByteStrings {
    return new ByteStrings(this.bytes, this.starts.subarray(from, to), this.ends.subarray(from, to));
  }

  /** An element as text; undefined when it is not UTF-8. */
  text(index: number): string | undefined {
    const [start = 0, end = 0] = [this.starts[index], this.ends[index]];
    if (start === end) return '';
    return isUtf8(this.at(index)) ? this.bytes.toString('utf8', start, end) : undefined;
  }

  /** Bytes of all elements. */
  get byteSize(): number {
    let size = 0;
    for (let index = 0; index < this.length; index++)
      size += (this.ends[index] ?? 0) - (this.starts[index] ?? 0);
    return size;
  }

  #makeRoom(size: number): void {
    const needed = this.#used + size;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(FIRST_ROOM, needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.#used);
    this.bytes = grown;
  }
}
