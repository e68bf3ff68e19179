import { createHash } from 'node:crypto';
import { failure, type Random } from '#base';
import type { BuiltLayer, LayerRole } from '../../built.ts';
import type { Blob } from '../../content.ts';
import { TAR_GZIP } from '../../oci/media-types.ts';
import type { LayerFiles } from '../../recipe.ts';
import type { BlobCache } from '../cache/blob-cache.ts';
import { cachedBlob } from '../cache/cached-blob.ts';
import { noteDown, noted } from '../cache/layer-index.ts';
import type { Written } from '../writing.ts';
import { gzipped, packer } from './gzip.ts';
import { type LayerTar, layerTar } from './layer-tar.ts';
import { type Stored, storedLayer } from './stored.ts';

export interface Packing {
  readonly cache: BlobCache;
  /** The time of everything in it: seconds since 1970. */
  readonly epoch: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?: ((progress: { phase: string; done: number; total: number }) => void) | undefined;
}

export interface PackedLayer {
  readonly layer: BuiltLayer;
  readonly blob: Blob;
}

/**
 * A layer, named by its bytes. Weights do not get smaller: models are stored as they are, read once for their digest, and
 * streamed from their files when somebody wants the bytes. All else is packed into the cache, where it may be already.
 */
export async function packLayer(role: LayerRole, files: LayerFiles, packing: Packing): Promise<PackedLayer> {
  const tar = layerTar(files, packing.epoch);
  const { diffId, blob } = await (role === 'model' ? kept : packed)(tar, files.title, packing);
  const { title, entries, packages } = files;
  const { mediaType, digest, size } = blob;
  const known = { role, title, diffId, unpackedSize: tar.size, entries, packages, sizes: tar.sizes };
  return { layer: { ...known, mediaType, digest, size }, blob };
}

function kept(tar: LayerTar, title: string, { signal, tell }: Packing): Promise<Stored> {
  return storedLayer(tar, signal, done => tell?.({ phase: `read ${title}`, done, total: tar.size }));
}

async function packed(tar: LayerTar, title: string, packing: Packing): Promise<Stored> {
  const diffId = await digestOfTar(tar, title, packing);
  return { diffId, blob: await packedBlob(tar, diffId, title, packing) };
}

async function digestOfTar(tar: LayerTar, title: string, { signal, tell }: Packing): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of tar.open(0, signal)) {
    signal.throwIfAborted();
    hash.update(chunk);
    done += chunk.length;
    tell?.({ phase: `read ${title}`, done, total: tar.size });
  }
  return `sha256:${hash.digest('hex')}`;
}

/** A tar file that is to be packed, under the name of what comes of it. */
interface Work {
  readonly tar: LayerTar;
  readonly diffId: string;
  readonly title: string;
  readonly key: string;
}

async function packedBlob(tar: LayerTar, diffId: string, title: string, packing: Packing): Promise<Blob> {
  const { cache } = packing;
  const work = { tar, diffId, title, key: `${diffId.slice('sha256:'.length)}.${packer}` };
  const had = await noted(cache, work.key);
  const made = had ?? (await packedOnce(work, packing));
  const make = (signal: AbortSignal): Promise<void> => packedAgain(work, made, { ...packing, signal });
  return cachedBlob(cache, { mediaType: TAR_GZIP, ...made, make, isFresh: had === undefined });
}

/** Builds at once that want the same pack it once. */
function packedOnce(work: Work, packing: Packing): Promise<Written> {
  const { cache } = packing;
  return cache.alone(work.key, packing, async () => {
    const theirs = await noted(cache, work.key);
    if (theirs !== undefined && (await cache.isSound(theirs, packing.signal))) return theirs;
    const made = await pack(work, packing);
    await noteDown(cache, work.key, made);
    return made;
  });
}

/** In the place of one that is damaged, or gone. */
function packedAgain(work: Work, made: Written, packing: Packing): Promise<void> {
  const { cache } = packing;
  return cache.alone(work.key, packing, async () => {
    if (await cache.isSound(made, packing.signal)) return;
    const again = await pack(work, packing);
    if (again.digest !== made.digest) throw changed(work.title);
  });
}

/** Between the two times that a file is read it may have changed without changing its size. */
async function pack({ tar, diffId, title, key }: Work, packing: Packing): Promise<Written> {
  const { cache, signal, tell } = packing;
  const hash = createHash('sha256');
  let done = 0;
  const checked = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of tar.open(0, signal)) {
      signal.throwIfAborted();
      hash.update(chunk);
      done += chunk.length;
      tell?.({ phase: `pack ${title}`, done, total: tar.size });
      yield chunk;
    }
    if (`sha256:${hash.digest('hex')}` !== diffId) throw changed(title);
  };
  return cache.put(gzipped(checked()), key);
}

function changed(title: string): Error {
  return failure('image_invalid', {
    subject: title,
    problem: 'its files changed while the image was made',
    remedy: 'build again once nobody writes them any more',
  });
}
