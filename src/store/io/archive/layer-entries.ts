import { failure } from '#base';
import type { ArchiveEntry } from '../../archive/entry.ts';
import { layerFormatOf } from '../../oci/layer-format.ts';
import { unpacked } from './decompress.ts';
import { readTar } from './read-tar.ts';
import { Refusal, refused } from './refusal.ts';

export interface LayerToRead {
  /** What people call it, in errors. */
  readonly called: string;
  readonly mediaType: string;
  /** As it is stored, from its first byte. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Told of all of its tar file, in order, once every entry was taken: what its diff ID is the digest of. May throw. */
  readonly onTar?: (chunk: Uint8Array) => void;
}

/**
 * What an image's layer holds, as it is written there: whiteouts are entries too, and nothing of names and targets is checked. It
 * is read once and held nowhere. Throws `archive_invalid` for what is broken, cut off, or of a type that is no image's layer; or
 * what `bytes` throws.
 */
export async function* layerEntries({
  called,
  mediaType,
  bytes,
  onTar = () => {},
}: LayerToRead): AsyncGenerator<ArchiveEntry> {
  const format = layerFormatOf(mediaType);
  if (format === undefined)
    throw failure('archive_invalid', { path: called, problem: `is no layer of an image, but ${mediaType}` });
  const entries = readTar(told(unpacked(kept(bytes), format), onTar), () => {});
  for await (const entry of worded(called, entries))
    yield { ...entry, bytes: () => worded(called, entry.bytes()) };
}

/** Whoever reads them, the archive or a file in it, is told of a problem in the same words. */
async function* worded<T>(called: string, read: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* read;
  } catch (error: unknown) {
    throw error instanceof Refusal ? refused(called, error) : error;
  }
}

/** A connection may use a block again once the next one is asked for, and a decompressor reads ahead. */
async function* kept(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) yield Buffer.from(chunk);
}

async function* told(
  tar: AsyncIterable<Uint8Array>,
  onTar: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of tar) {
    onTar(chunk);
    yield chunk;
  }
}
