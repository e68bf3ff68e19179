import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, messageOf } from '#base';
import type { ArchiveEntry } from '#store';
import { rowOf } from '../contents/row.ts';
import { type LayerToScan, readWhole } from './read-layer.ts';

/**
 * Takes one file out of a layer, to a path of this machine where it is whole or not at all. False where the layer has no file of
 * that path; a link is none, but a further name of a file is that file. Throws what `readWhole` does, and `image_unwritable`.
 */
export async function extractFile(
  layer: LayerToScan,
  path: string,
  to: string,
  signal: AbortSignal,
): Promise<boolean> {
  const draft = `${to}.${randomUUID()}.partial`;
  try {
    const found = await draftOf(layer, path, draft, signal);
    if (found === 'there') await written(to, () => rename(draft, to));
    if (typeof found !== 'object') return found === 'there';
    // It comes before its further names, so a second one leads no further.
    return found.first !== path && (await extractFile(layer, found.first, to, signal));
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

type Found = 'there' | 'missing' | { readonly first: string };

/** Of several entries of one path the last one counts, as in a layer that is laid over others. */
async function draftOf(layer: LayerToScan, path: string, draft: string, signal: AbortSignal): Promise<Found> {
  let found: Found = 'missing';
  const take = async (entry: ArchiveEntry): Promise<void> => {
    const row = rowOf(entry);
    if (row?.[0] !== path) return;
    const [, kind, , target] = row;
    found = kind === 'hard link' ? { first: target } : entry.kind === 'file' ? 'there' : 'missing';
    if (found === 'there') await writeEntry(entry, draft, signal);
  };
  await readWhole(layer, take, { signal });
  return found;
}

async function writeEntry(entry: ArchiveEntry, draft: string, signal: AbortSignal): Promise<void> {
  await written(draft, () => mkdir(dirname(draft), { recursive: true }));
  let failed: unknown;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      yield* entry.bytes();
    } catch (error: unknown) {
      failed = error;
      throw error;
    }
  }
  await written(draft, () => pipeline(Readable.from(bytes()), createWriteStream(draft), { signal })).catch(
    error => {
      signal.throwIfAborted();
      throw failed ?? error;
    },
  );
}

async function written<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error: unknown) {
    throw failure('image_unwritable', { path, problem: messageOf(error) }, error);
  }
}
