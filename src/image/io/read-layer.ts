import { createHash } from 'node:crypto';
import { failure } from '#base';
import { type ArchiveEntry, layerEntries } from '#store';

/** A layer that its image describes. */
export interface LayerToScan {
  /** Digest of it as tar. */
  readonly diffId: string;
  readonly mediaType: string;
  /** As it is stored, from its first byte. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** In errors. */
export function calledOf({ diffId }: LayerToScan): string {
  return `the layer ${diffId.slice(0, 19)}…`;
}

/**
 * Reads a layer to its end, each entry handed to `take`; only then is it known to be what its image says. Throws
 * `archive_invalid`, `image_invalid` for one that is not, the signal's reason, or what reading it throws.
 */
export async function readWhole(
  layer: LayerToScan,
  take: (entry: ArchiveEntry) => Promise<void>,
  { signal, onTar }: { signal: AbortSignal; onTar?: (chunk: Uint8Array) => void },
): Promise<void> {
  const { diffId, mediaType } = layer;
  const hash = createHash('sha256');
  const seen = (chunk: Uint8Array): void => {
    signal.throwIfAborted();
    hash.update(chunk);
    onTar?.(chunk);
  };
  const bytes = layer.open(signal);
  for await (const entry of layerEntries({ called: calledOf(layer), mediaType, bytes, onTar: seen }))
    await take(entry);
  const found = `sha256:${hash.digest('hex')}`;
  if (found === diffId) return;
  throw failure('image_invalid', {
    subject: calledOf(layer),
    problem: `it comes to ${found}, and its image says ${diffId}`,
    remedy: 'the image is broken where it lies, so push it there again, or name another one',
  });
}
