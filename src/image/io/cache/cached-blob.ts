import type { Blob } from '../../content.ts';
import type { BlobCache } from './blob-cache.ts';

export interface CachedBlob extends Pick<Blob, 'mediaType' | 'digest' | 'size' | 'origin'> {
  /** Puts it in the cache, in the place of one that is damaged. */
  readonly make: (signal: AbortSignal) => Promise<void>;
  /** It was written by this process just now. */
  readonly isFresh?: boolean;
}

/**
 * A blob that lies in the cache, or is put there when its bytes are asked for first. Before any are handed out it is read through
 * once: one that is damaged is made anew.
 */
export function cachedBlob(cache: BlobCache, { make, isFresh = false, ...blob }: CachedBlob): Blob {
  let isSound = isFresh;
  const ensure = async (signal: AbortSignal): Promise<void> => {
    // Another build may have made room meanwhile.
    if (isSound && (await cache.has(blob))) return;
    if (!(await cache.isSound(blob, signal))) await make(signal);
    isSound = true;
  };
  return {
    ...blob,
    async *open(start, signal) {
      await ensure(signal);
      yield* cache.bytes(blob, start, signal);
    },
  };
}
