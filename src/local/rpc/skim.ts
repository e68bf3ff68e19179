/** So many fields of a message are looked at. Encoders write them in the order of their numbers, the first ones first. */
const MOST_FIELDS = 1000;

/** The wire types of protobuf (protobuf.dev, "Encoding"). */
const Wire = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** What the first two fields of a message hold. Of a field that is there several times, the last counts. */
export interface Skimmed {
  /** Field 1, where it is text, bytes or a message. */
  readonly first: Buffer | undefined;
  /** Field 2, likewise. */
  readonly second: Buffer | undefined;
  /** Field 1, where it is an integer: its 64 bits, without a sign. */
  readonly integer: bigint | undefined;
}

/**
 * Looks at the beginning of a protobuf message, for the little that routing needs. Takes constant time whatever its
 * length; what is not protobuf ends the look, and whoever the message is for will say what is wrong with it.
 */
export function skim(message: Buffer): Skimmed {
  const skimmer = new Skimmer(message);
  for (let fields = 0; fields < MOST_FIELDS && skimmer.field(); fields++);
  return skimmer;
}

class Skimmer implements Skimmed {
  first: Buffer | undefined;
  second: Buffer | undefined;
  integer: bigint | undefined;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Takes one field; false at the end, or at what is none. */
  field(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#small();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case Wire.varint:
        return this.#varint(number);
      case Wire.delimited:
        return this.#delimited(number);
      case Wire.fixed64:
        return this.#skip(8);
      case Wire.fixed32:
        return this.#skip(4);
      default:
        return false;
    }
  }

  #delimited(number: number): boolean {
    const length = this.#small();
    const from = this.#at;
    if (!this.#skip(length)) return false;
    if (number === 1) this.first = this.#bytes.subarray(from, this.#at);
    if (number === 2) this.second = this.#bytes.subarray(from, this.#at);
    return true;
  }

  #varint(number: number): boolean {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return false;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (number === 1) this.integer = BigInt.asUintN(64, value);
      return true;
    }
    return false;
  }

  /** A varint of at most 32 bits, as tags and lengths are; NaN for none. */
  #small(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 2 ** 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  }

  #skip(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#bytes.length;
  }
}
