import type { BaseImage, BaseLayer } from '../base-image.ts';
import type { Blob } from '../content.ts';
import type { ImageName } from '../image-name.ts';
import type { Platform } from '../platform.ts';
import { type Fetching, fetchBlob } from './base/fetch-blob.ts';
import { readImage } from './base/read-image.ts';
import { cachedBlob } from './cache/cached-blob.ts';
import { contentsOf } from './contents.ts';

/**
 * An image that another one is built on: its tag becomes a digest, and of an index the manifest for the platform is taken. Bytes of
 * its layers are fetched only where nobody has looked into them yet. Throws `base_unusable` for what is no image, not for this
 * platform, or has layers that must not be passed on; what the registry throws; or the signal's reason.
 */
export async function openBase(name: ImageName, platform: Platform, fetching: Fetching): Promise<BaseImage> {
  const image = await readImage(name, platform, fetching);
  const layers = image.layers.map(layer => {
    const blob = baseBlob(layer, image.name, fetching);
    const { mediaType } = blob;
    return { diffId: layer.diffId, mediaType, open: (signal: AbortSignal) => blob.open(0, signal) };
  });
  const { cache, signal } = fetching;
  return { ...image, platform, contents: await contentsOf(layers, { cache: cache.folder, signal }) };
}

/** A layer of a base, which is fetched when its bytes are asked for, and whose registry may have it mounted. */
export function baseBlob({ descriptor }: BaseLayer, from: ImageName, fetching: Fetching): Blob {
  const { registry, repository } = from;
  return cachedBlob(fetching.cache, {
    ...descriptor,
    origin: { registry, repository },
    make: signal => fetchBlob(descriptor, from, { ...fetching, signal }),
  });
}
