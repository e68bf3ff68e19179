/** The layers of a layout on the disk, unpacked to tar files: what another tool is given to append. */
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Layers {
  /** Of the image that its index names. */
  readonly digest: string;
  /** Bytes over the base, as they are stored. */
  readonly added: number;
  /** Paths of tar files, lowest first. */
  readonly files: readonly string[];
}

/** Of an image of one platform, over a base of so many layers. */
export async function layersOf(layout: string, baseLayers: number, into: string): Promise<Layers> {
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
  const [top] = index.manifests;
  if (top === undefined) throw new Error(`${layout} names no image`);
  const manifest = JSON.parse(readFileSync(blob(layout, top.digest), 'utf8')) as { layers: Descriptor[] };
  const own = manifest.layers.slice(baseLayers);
  const files: string[] = [];
  for (const [at, { digest, mediaType }] of own.entries()) {
    const file = join(into, `${at}.tar`);
    const packed = createReadStream(blob(layout, digest));
    if (mediaType.endsWith('+gzip')) await pipeline(packed, createGunzip(), createWriteStream(file));
    else await pipeline(packed, createWriteStream(file));
    files.push(file);
  }
  return { digest: top.digest, added: own.reduce((sum, { size }) => sum + size, 0), files };
}

function blob(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}
