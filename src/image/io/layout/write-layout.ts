import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure } from '#base';
import type { Blob, Content } from '../../content.ts';
import type { ImageName } from '../../image-name.ts';
import { blobOf } from '../../oci/documents.ts';
import {
  blobPath,
  INDEX_FILE,
  indexBytes,
  LAYOUT_FILE,
  type LayoutEntry,
  layoutBytes,
  readIndex,
} from '../../oci/layout.ts';
import { fileBytes } from '../file-bytes.ts';
import { streamedDigest } from '../streamed-digest.ts';
import { beside, once, unwritable, writeWhole, writing } from '../writing.ts';
import { checkedBytes, type LayoutOptions, teller } from './checked.ts';

export interface WriteOptions extends LayoutOptions {
  /** Whose tag it gets. */
  readonly name?: ImageName;
}

/** More is no index. Bytes. */
const MOST_INDEX = 4 * 1024 * 1024;

/**
 * Writes an image as an OCI layout: a folder that appears whole, or is added to where it is a layout already. Throws
 * `image_unwritable`, `image_invalid` for a folder of something else and for files that changed since the image was built, what
 * registries do, or the signal's reason. Whatever it throws, all is as it was.
 */
export async function writeLayout(content: Content, folder: string, options: WriteOptions): Promise<void> {
  const there = await entriesIn(folder);
  if (there !== undefined) return new Writing(content, folder, folder, options).addTo(there);
  const made = await writing(folder, () => mkdir(dirname(folder), { recursive: true }));
  const partial = beside(folder);
  try {
    await new Writing(content, partial, folder, options).addTo([]);
    await writing(folder, () => rename(partial, folder));
  } catch (error: unknown) {
    await rm(made ?? partial, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** What a layout names that is there; undefined where nothing is. An empty folder is one that is made ready for it. */
async function entriesIn(folder: string): Promise<readonly LayoutEntry[] | undefined> {
  const names = await readdir(folder).catch(error => absent(folder, error));
  if (names === undefined || names.length === 0) return names && [];
  const path = join(folder, INDEX_FILE);
  const found = await stat(path).catch(() => undefined);
  const isLayout = found?.isFile() === true && found.size <= MOST_INDEX && names.includes(LAYOUT_FILE);
  const read = isLayout ? readIndex(await readFile(path)) : undefined;
  if (read?.ok === true) return read.value;
  throw failure('image_invalid', {
    subject: folder,
    problem: read === undefined ? 'it is no OCI layout, and holds other things' : read.error,
    remedy: 'name another folder',
  });
}

function absent(folder: string, error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(folder, error);
}

/** One image into one folder. */
class Writing {
  readonly #content: Content;
  readonly #folder: string;
  /** As people know the folder. */
  readonly #shown: string;
  readonly #options: WriteOptions;
  /** What was not there before. */
  readonly #made: string[] = [];

  constructor(content: Content, folder: string, shown: string, options: WriteOptions) {
    this.#content = content;
    this.#folder = folder;
    this.#shown = shown;
    this.#options = options;
  }

  /** The index comes last: until then nobody sees that there is more. */
  async addTo(there: readonly LayoutEntry[]): Promise<void> {
    const { name } = this.#options;
    try {
      await this.#makeFolder();
      await this.#addBlobs();
      await this.#write(LAYOUT_FILE, once(layoutBytes));
      // Appears by one rename, after which nothing can fail.
      await this.#write(INDEX_FILE, once(indexBytes(there, this.#content, name)));
    } catch (error: unknown) {
      await Promise.all(this.#made.map(path => rm(path, { recursive: true, force: true }).catch(() => {})));
      throw error;
    }
  }

  async #makeFolder(): Promise<void> {
    const path = join(this.#folder, 'blobs', 'sha256');
    const made = await writing(this.#shown, () => mkdir(path, { recursive: true }));
    if (made !== undefined) this.#made.push(made);
  }

  async #addBlobs(): Promise<void> {
    const { top, documents, blobs } = this.#content;
    const all = [...blobs, ...[...documents, top].map(one => blobOf(one.mediaType, one.bytes))];
    const total = all.reduce((sum, { size }) => sum + size, 0);
    const onBytes = teller('write the layout', total, this.#options);
    for (const blob of all) {
      // What is damaged there is written over.
      if (await this.#isThere(blob)) onBytes(blob.size);
      else await this.#write(blobPath(blob.digest), checkedBytes(blob, this.#options.signal, onBytes));
    }
  }

  async #isThere({ digest, size }: Blob): Promise<boolean> {
    const path = join(this.#folder, blobPath(digest));
    if ((await stat(path).catch(() => undefined))?.size !== size) return false;
    return (await streamedDigest(fileBytes(path, size, 0, this.#options.signal))) === digest;
  }

  async #write(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#folder, name);
    const isNew = (await stat(path).catch(() => undefined)) === undefined;
    await writeWhole(path, bytes, this.#shown);
    if (isNew) this.#made.push(path);
  }
}
