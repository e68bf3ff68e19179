import { join } from 'node:path';
import { failure } from '#base';
import type { BaseContents } from '../base-image.ts';
import { contentsFrom } from '../contents/contents.ts';
import { type LayerScan, readScan, scanText } from '../contents/scan.ts';
import { keep, keptText } from './kept-text.ts';
import { type LayerToScan, scanLayer } from './scan-layer.ts';

export interface ContentsOptions {
  /** A folder of this machine, in which `scans/` keeps what each layer held; it is made where it is not there. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

/**
 * What is in an image, by its layers, lowest first. A layer that was never seen is read once, unpacked in memory piece by piece,
 * and must have the digest that its image says; then a short note of it is kept. Throws `archive_invalid` for a layer that is
 * broken or too much, `image_invalid` for one that is not the image's, `image_unwritable`, the signal's reason, or what reading it
 * throws.
 */
export async function contentsOf(
  layers: readonly LayerToScan[],
  { cache, signal }: ContentsOptions,
): Promise<BaseContents> {
  const scans: LayerScan[] = [];
  for (const layer of layers) scans.push(await scanOf(layer, join(cache, 'scans'), signal));
  return contentsFrom(scans);
}

async function scanOf(layer: LayerToScan, folder: string, signal: AbortSignal): Promise<LayerScan> {
  signal.throwIfAborted();
  const { diffId } = layer;
  const hex = /^sha256:([0-9a-f]{64})$/.exec(diffId)?.[1];
  if (hex === undefined)
    throw failure('image_invalid', { subject: 'a layer', problem: `'${diffId}' is no SHA-256 digest` });
  const path = join(folder, `${hex}.json`);
  const known = readScan((await keptText(path, signal)) ?? '', diffId);
  if (known !== undefined) return known;
  const scan = await scanLayer(layer, signal);
  await keep(path, scanText(diffId, scan));
  return scan;
}
