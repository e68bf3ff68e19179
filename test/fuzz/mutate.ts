/** Changes to bytes that know nothing of what the bytes mean. */
import type { Random } from './random.ts';

/** Larger inputs find little that smaller ones do not, and take longer. Bytes. */
const MOST_BYTES = 64 * 1024;

type Change = (bytes: Buffer, random: Random, tokens: readonly Buffer[], other: Buffer) => Buffer;

const NASTY_BYTES = [0, 1, 0x0a, 0x0d, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xfe, 0xff];

const changes: readonly Change[] = [
  // A bit, a byte, a nasty byte, one more or less.
  (bytes, random) => withByte(bytes, random, byte => byte ^ (1 << random.below(8))),
  (bytes, random) => withByte(bytes, random, () => random.below(256)),
  (bytes, random) => withByte(bytes, random, () => random.pick(NASTY_BYTES)),
  (bytes, random) => withByte(bytes, random, byte => byte + random.between(-3, 3)),
  // A part is left out, cut off behind, doubled, moved, or comes from another input.
  (bytes, random) => {
    const { start, end } = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const { start, end } = range(bytes, random);
    const times = random.chance(0.1) ? random.size(200) : 1;
    return put(bytes, end, Buffer.concat(random.list(times, () => bytes.subarray(start, end))));
  },
  (bytes, random) => {
    const { start, end } = range(bytes, random);
    return put(bytes, random.below(bytes.length + 1), bytes.subarray(start, end));
  },
  (bytes, random, _, other) => {
    const { start, end } = range(other, random);
    return put(bytes, random.below(bytes.length + 1), other.subarray(start, end));
  },
  (bytes, random, _, other) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]),
  // A word of the protocol, in between or in place.
  (bytes, random, tokens) => put(bytes, random.below(bytes.length + 1), random.pick(tokens)),
  (bytes, random, tokens) => {
    const { start, end } = range(bytes, random);
    const token = random.pick(tokens);
    return Buffer.concat([bytes.subarray(0, start), token, bytes.subarray(end)]);
  },
  (bytes, random) => put(bytes, random.below(bytes.length + 1), random.bytes(random.size(16))),
];

/** A few changes, one after the other. The bytes given stay as they are. */
export function mutate(
  bytes: Buffer,
  random: Random,
  { tokens, other }: { readonly tokens: readonly Buffer[]; readonly other: Buffer },
): Buffer {
  let changed = bytes;
  for (let left = 1 + random.size(6); left > 0; left--)
    changed = random.pick(changes)(changed, random, tokens, other).subarray(0, MOST_BYTES);
  return changed;
}

function withByte(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(bytes.length);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function put(bytes: Buffer, at: number, part: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
}

function range(bytes: Buffer, random: Random): { start: number; end: number } {
  const start = random.below(bytes.length + 1);
  return { start, end: start + random.size(bytes.length - start) };
}
