import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Blob } from '../../content.ts';
import { Blocks, HEADER, placeOf, storedSize, trailer } from '../../gzip/stored.ts';
import { TAR_GZIP } from '../../oci/media-types.ts';
import type { LayerTar } from './layer-tar.ts';

export interface Stored {
  readonly blob: Blob;
  /** Of the tar file. */
  readonly diffId: string;
}

/** A tar file as a layer that nothing is kept of: read once for its digests, and from its files when somebody wants the bytes. */
export async function storedLayer(
  tar: LayerTar,
  signal: AbortSignal,
  told: (done: number) => void,
): Promise<Stored> {
  const [plain, packed] = [createHash('sha256'), createHash('sha256').update(HEADER)];
  const blocks = new Blocks(tar.size, 0);
  let [crc, done] = [0, 0];
  for await (const chunk of tar.open(0, signal)) {
    signal.throwIfAborted();
    plain.update(chunk);
    packed.update(blocks.add(chunk));
    crc = crc32(chunk, crc);
    done += chunk.length;
    told(done);
  }
  const end = trailer(crc, tar.size);
  const digest = hexOf(packed.update(end));
  const size = storedSize(tar.size);
  const open: Blob['open'] = (start, reading) => stored(tar, end, start, reading);
  return { diffId: hexOf(plain), blob: { mediaType: TAR_GZIP, digest, size, open } };
}

async function* stored(
  tar: LayerTar,
  end: Uint8Array,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const size = storedSize(tar.size);
  if (start < HEADER.length) yield HEADER.subarray(start);
  let { from, drop } = placeOf(start);
  const blocks = new Blocks(tar.size, from);
  if (from < tar.size)
    for await (const chunk of tar.open(from, signal)) {
      const bytes = blocks.add(chunk);
      if (drop < bytes.length) yield bytes.subarray(drop);
      drop = Math.max(0, drop - bytes.length);
    }
  const inEnd = Math.max(0, start - (size - end.length));
  if (inEnd < end.length) yield end.subarray(inEnd);
}

function hexOf(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
