import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

/** The default: 9 takes twice as long here for one percent. */
const LEVEL = constants.Z_DEFAULT_COMPRESSION;
/**
 * Bytes of a member. A gzip file is one or more of them (RFC 1952 §2.2), as eStargz and parallel packers make it too; so each core
 * packs one, and what comes out does not tell how many there were.
 */
const MEMBER = 4 * 1024 * 1024;
/** As many threads as Node has for such work. */
const AT_ONCE = Math.max(1, Math.min(4, availableParallelism()));
/** Of a member's header (RFC 1952 §2.3.1): the system it was packed on. 255 is unknown, as which of them says nothing. */
const OS_BYTE = 9;

/** Whoever packs alike: other versions of zlib make other bytes of the same. */
export const packer = `gzip-${process.versions['zlib'] ?? ''}-${process.arch}`;

const pack = promisify<Uint8Array, { level: number }, Buffer>(gzip);

/** The same bytes packed, without a time or a name. */
export async function* gzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packing: Promise<Uint8Array>[] = [];
  for await (const bytes of pieces(source)) {
    const coming = member(bytes);
    // If nobody comes to wait for it any more, its failure is nobody's.
    coming.catch(() => {});
    packing.push(coming);
    if (packing.length >= AT_ONCE) yield (await packing.shift()) as Uint8Array;
  }
  for (const coming of packing) yield await coming;
}

async function member(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await pack(bytes, { level: LEVEL });
  packed[OS_BYTE] = 255;
  return packed;
}

/** Of one size, but the last; an empty one where there is nothing. They are copies: a chunk's memory is its giver's. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece = Buffer.allocUnsafe(MEMBER);
  let [filled, count] = [0, 0];
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + MEMBER - filled);
      piece.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < MEMBER) continue;
      yield piece;
      piece = Buffer.allocUnsafe(MEMBER);
      [filled, count] = [0, count + 1];
    }
  if (filled > 0 || count === 0) yield piece.subarray(0, filled);
}
