/** What was packed from what: so that the next build reads the files and packs nothing. */
import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { once, type Written, writePartial, writing } from '../writing.ts';
import type { BlobCache } from './blob-cache.ts';

const packed = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

/** As a note of a layer says; undefined for what is none. */
export function packedOf(text: string): Written | undefined {
  try {
    return packed.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What was made, by whoever makes it that way, of the tar file with this digest. */
export async function noted(cache: BlobCache, key: string): Promise<Written | undefined> {
  const found = packedOf(await readFile(pathOf(cache, key), 'utf8').catch(() => ''));
  return found !== undefined && (await cache.has(found)) ? found : undefined;
}

export async function noteDown(cache: BlobCache, key: string, { digest, size }: Written): Promise<void> {
  const partial = join(cache.partials, randomUUID());
  const text = once(Buffer.from(JSON.stringify({ digest, size })));
  await writePartial(partial, text, cache.folder, () =>
    writing(cache.folder, () => rename(partial, pathOf(cache, key))),
  );
}

function pathOf(cache: BlobCache, key: string): string {
  return join(cache.layers, key);
}
