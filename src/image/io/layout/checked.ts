import { createHash } from 'node:crypto';
import { failure } from '#base';
import type { Blob } from '../../content.ts';

/** What writing a layout is asked for, and tells. */
export interface LayoutOptions {
  readonly signal: AbortSignal;
  readonly tell?: ((progress: { phase: string; done: number; total: number }) => void) | undefined;
}

/** Tells of all bytes of an image together. */
export function teller(
  phase: string,
  total: number,
  { signal, tell }: LayoutOptions,
): (bytes: number) => void {
  let done = 0;
  return bytes => {
    signal.throwIfAborted();
    done += bytes;
    tell?.({ phase, done, total });
  };
}

/** All bytes of a blob; throws `image_invalid` at their end where they are others than its digest says. */
export async function* checkedBytes(
  blob: Blob,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let at = 0;
  for await (const chunk of blob.open(0, signal)) {
    at += chunk.length;
    if (at > blob.size) break;
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
  if (at !== blob.size || `sha256:${hash.digest('hex')}` !== blob.digest)
    throw failure('image_invalid', {
      subject: blob.digest,
      problem: 'the bytes of this layer are not those that it was built of: a file of it has changed',
      remedy: 'build again once nobody writes it any more',
    });
}
