import type { Part } from '../../oci/contents.ts';
import { ImageNames, MODELS } from '../../oci/image-names.ts';
import type { ArchiveFormat, ByteRange } from '../../source.ts';
import { unpacked } from '../archive/decompress.ts';
import { readTar } from '../archive/read-tar.ts';
import { Refusal } from '../archive/refusal.ts';

/** Reads bytes of a layer. */
export type ReadLayer = (part: Part, range: ByteRange) => Promise<AsyncIterable<Uint8Array>>;

/** Of each layer that is looked at: its first names stand there. */
const PEEK = 64 * 1024;

/**
 * The folder of an image that is its model: `models`, or undefined for all of it. Where no layer begins with a folder `models`, an
 * image with the folders of a system is read until one comes; another one is nothing but a model. What it answers depends on
 * the image only, so that the same image has the same digest everywhere. `none`: a system without models.
 */
export async function modelsFolder(
  layers: readonly Part[],
  read: ReadLayer,
): Promise<typeof MODELS | undefined | 'none'> {
  const names = new ImageNames();
  const unseen: Part[] = [];
  // A model is what was put in last.
  for (const part of layers.toReversed()) {
    const isSeen = await look(part, bytesOf(part, Math.min(PEEK, part.layer.size), read), names);
    if (names.hasModels) return MODELS;
    if (!isSeen) unseen.push(part);
  }
  if (!names.isSystem) return undefined;
  for (const part of unseen) {
    await look(part, bytesOf(part, part.layer.size, read), names);
    if (names.hasModels) return MODELS;
  }
  return 'none';
}

/** Whether all of a layer's names were there to be seen, or enough of them. What is broken is told once it is unpacked. */
async function look(part: Part, packed: AsyncIterable<Uint8Array>, names: ImageNames): Promise<boolean> {
  try {
    const tar = unpacked(packed, part.format as Exclude<ArchiveFormat, 'zip'>);
    for await (const { name } of readTar(tar, () => {})) {
      names.add(name);
      if (names.hasModels) return true;
    }
    return true;
  } catch (error: unknown) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** A layer up to a place. Its reader holds chunks while the next ones come, so each is copied. */
async function* bytesOf(part: Part, end: number, read: ReadLayer): AsyncGenerator<Uint8Array> {
  if (end === 0) return;
  for await (const chunk of await read(part, { start: 0, end })) yield Buffer.from(chunk);
}
