/** An image goes to a registry: blobs, then the documents that name them, then the tag, which so never names what is not whole. */
import { failure, type Random } from '#base';
import type { Registry } from '#store';
import type { Content } from '../content.ts';
import { type ImageName, imageText } from '../image-name.ts';
import { pushBlobs } from './push-blobs.ts';
import { pushDocuments } from './push-documents.ts';
import type { PushProgress } from './push-tally.ts';

export type { PushProgress } from './push-tally.ts';

export interface PushOptions {
  /** The repository that is pushed to. It is closed afterwards. */
  readonly open: (name: ImageName) => Promise<Registry>;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told of bytes as they are there. */
  readonly tell?: (progress: PushProgress) => void;
}

/** Bytes, by what had to be done for them. */
export interface Pushed {
  /** What the tag names. */
  readonly digest: string;
  readonly uploaded: number;
  readonly mounted: number;
  readonly skipped: number;
}

/**
 * Puts all of an image there that is not there yet. Throws `image_name_invalid` for a name with a digest of something else;
 * `image_invalid` where bytes cannot be read, or are no longer those of their digest; what the registry throws, or the signal's
 * reason. What is there by then stays, and is skipped the next time.
 */
export async function pushImage(
  content: Content,
  target: ImageName,
  { open, ...options }: PushOptions,
): Promise<Pushed> {
  const { top } = content;
  if (target.digest !== undefined && target.digest !== top.digest) throw misnamed(target, top.digest);
  const registry = await open(target);
  try {
    const blobs = await pushBlobs(content.blobs, { target, registry, ...options });
    const documents = await pushDocuments(content, { target, registry, ...options });
    return {
      digest: top.digest,
      uploaded: blobs.uploaded + documents.uploaded,
      mounted: blobs.mounted,
      skipped: blobs.skipped + documents.skipped,
    };
  } finally {
    registry.close();
  }
}

function misnamed(target: ImageName, digest: string): Error {
  const problem = `what is pushed has the digest ${digest}, and can be named by no other one; name a tag alone`;
  return failure('image_name_invalid', { name: imageText(target), problem });
}
