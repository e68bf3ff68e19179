/** Below this a message's pieces are joined: one small write costs less than several. Bytes. */
const JOINED_BELOW = 16 * 1024;

const PREFIX = 5;

/** A message as it goes over the wire, uncompressed: its prefix, then its pieces, joined when they are small. */
export function framed(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  if (length >= JOINED_BELOW) return [prefixOf(Buffer.allocUnsafe(PREFIX), length), ...pieces];
  const whole = prefixOf(Buffer.allocUnsafe(PREFIX + length), length);
  let at = PREFIX;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return [whole];
}

function prefixOf(target: Buffer, length: number): Buffer {
  target[0] = 0;
  target.writeUInt32BE(length, 1);
  return target;
}
