import { AppError, failure, type Random } from '#base';
import type { Registry } from '#store';
import type { Blob } from '../content.ts';
import type { ImageName } from '../image-name.ts';
import { atOnce } from './at-once.ts';
import { type PushProgress, PushTally } from './push-tally.ts';
import { readable } from './readable-blob.ts';

/** More would share the same line. */
const AT_ONCE = 4;

/** What is done on the way to one repository. */
export interface Pushing {
  readonly target: ImageName;
  readonly registry: Registry;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?: (progress: PushProgress) => void;
}

interface Counts {
  uploaded: number;
  mounted: number;
  skipped: number;
}

/** Bytes by what was done for them. Throws what the first blob throws that fails, once no other one is under way. */
export async function pushBlobs(blobs: readonly Blob[], pushing: Pushing): Promise<Counts> {
  const counts: Counts = { uploaded: 0, mounted: 0, skipped: 0 };
  const tally = new PushTally(blobs, pushing.tell);
  await atOnce(blobs, AT_ONCE, pushing.signal, async (blob, signal) => {
    counts[await pushBlob(blob, { ...pushing, signal }, tally)] += blob.size;
    tally.reach(blob, blob.size);
  });
  return counts;
}

async function pushBlob(blob: Blob, pushing: Pushing, tally: PushTally): Promise<keyof Counts> {
  const { registry, random, signal } = pushing;
  const trying = { random, signal };
  const { digest, size } = blob;
  if (await registry.hasBlob(digest, trying)) return 'skipped';
  const open = readable(blob, reached => tally.reach(blob, reached));
  try {
    return await registry.upload({ digest, size, open, ...mountable(blob, pushing.target) }, trying);
  } catch (error: unknown) {
    const isMismatch = error instanceof AppError && error.code === 'digest_mismatch';
    throw isMismatch ? changed(digest, error) : error;
  }
}

/** The other repository of the same registry that has it. */
function mountable({ origin }: Blob, target: ImageName): { from?: string } {
  const isNear = origin?.registry === target.registry && origin.repository !== target.repository;
  return isNear ? { from: origin.repository } : {};
}

function changed(digest: string, error: AppError): AppError {
  const problem = `its bytes are others than when the image was made: they have the digest ${String(error.facts['found'])}`;
  return failure('image_invalid', { subject: digest, problem, remedy: 'build the image again' }, error);
}
