/**
 * gzip around bytes that stay as they are: RFC 1952, with the stored blocks of RFC 1951 §3.2.4. Every reader of layers takes it,
 * it is the same bytes whoever makes it, and any place of it is found without packing what lies before.
 */

/** No name, no time, and of no known system. */
export const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const TRAILER = 8;
/** What a block may hold, and what stands before it. */
export const BLOCK = 65_535;
const BEFORE = 5;

/** Bytes of `size` bytes, stored. */
export function storedSize(size: number): number {
  return HEADER.length + blocksOf(size) * BEFORE + size + TRAILER;
}

/** Where to begin in the bytes themselves so as to have those of the gzip file from `start` on, but for so many at first. */
export function placeOf(start: number): { readonly from: number; readonly drop: number } {
  const within = Math.max(0, start - HEADER.length);
  const block = Math.floor(within / (BEFORE + BLOCK));
  return { from: block * BLOCK, drop: within - block * (BEFORE + BLOCK) };
}

/** Puts bytes into blocks as they come: all of `size`, or those from the beginning of a block on. */
export class Blocks {
  readonly #size: number;
  #at: number;

  constructor(size: number, from: number) {
    this.#size = size;
    this.#at = from;
  }

  add(chunk: Uint8Array): Uint8Array {
    const made = new Uint8Array(chunk.length + this.#beginnings(chunk.length) * BEFORE);
    for (let [taken, to] = [0, 0]; taken < chunk.length; ) {
      const inBlock = this.#at % BLOCK;
      if (inBlock === 0) to = this.#begin(made, to);
      const length = Math.min(BLOCK - inBlock, chunk.length - taken);
      made.set(chunk.subarray(taken, taken + length), to);
      [taken, to, this.#at] = [taken + length, to + length, this.#at + length];
    }
    return made;
  }

  /** Blocks that begin within the next bytes. */
  #beginnings(length: number): number {
    return Math.ceil((this.#at + length) / BLOCK) - Math.ceil(this.#at / BLOCK);
  }

  #begin(made: Uint8Array, at: number): number {
    const length = Math.min(BLOCK, this.#size - this.#at);
    const view = new DataView(made.buffer, at, BEFORE);
    view.setUint8(0, this.#at + length === this.#size ? 1 : 0);
    view.setUint16(1, length, true);
    view.setUint16(3, ~length & 0xffff, true);
    return at + BEFORE;
  }
}

/** The end: the CRC-32 of the bytes, and their count modulo 2^32. */
export function trailer(crc: number, size: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, crc, true);
  view.setUint32(4, size % 2 ** 32, true);
  return bytes;
}

function blocksOf(size: number): number {
  return Math.ceil(size / BLOCK);
}
