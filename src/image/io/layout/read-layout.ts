import { failure } from '#base';
import type { Descriptor } from '#store';
import type { Blob, Content, Described } from '../../content.ts';
import { digestOf } from '../../oci/documents.ts';
import { blobPath, INDEX_FILE, readIndex, tagOf } from '../../oci/layout.ts';
import { type ReadDocument, readDocument } from '../../oci/read-document.ts';
import { type LayoutFiles, layoutFiles } from './layout-files.ts';

/** An image in a layout. Its bytes are read from there until it is closed. */
export interface ReadLayout {
  readonly content: Content;
  readonly close: () => Promise<void>;
}

/** What registries take at most: OCI distribution specification, "Pushing manifests". */
const MOST_DOCUMENT = 4 * 1024 * 1024;
/** Of all platforms, and what is attached to them. */
const MOST_DOCUMENTS = 1000;
const TOO_MANY = `it names more than ${MOST_DOCUMENTS} documents`;

/** A line of `index.json`, and what it points at. */
interface Entry {
  readonly tag: string | undefined;
  readonly read: ReadDocument;
}

/**
 * Reads an image from an OCI layout, a folder or a tar file of one, with what is attached to it: that of a tag, or the only one.
 * Documents are read and checked; of blobs only that they are there, and how large. Throws `file_missing`, `file_unreadable`,
 * `image_invalid` for what is no layout or lacks some of the image, or the signal's reason.
 */
export async function readLayout(path: string, signal: AbortSignal, tag?: string): Promise<ReadLayout> {
  const files = await layoutFiles(path, signal);
  try {
    const content = await new Reading(path, files, signal).content(tag);
    return { content, close: () => files.close() };
  } catch (error: unknown) {
    await files.close();
    throw error;
  }
}

/** One run of `readLayout`. */
class Reading {
  readonly #path: string;
  readonly #files: LayoutFiles;
  readonly #signal: AbortSignal;
  /** In the order that they can be pushed in. */
  readonly #documents = new Map<string, Described>();
  readonly #blobs = new Map<string, Blob>();

  constructor(path: string, files: LayoutFiles, signal: AbortSignal) {
    this.#path = path;
    this.#files = files;
    this.#signal = signal;
  }

  async content(tag: string | undefined): Promise<Content> {
    const entries = await this.#entries();
    const attached = entries.filter(({ read }) => read.described.subject !== undefined);
    const top = this.#chosen(
      entries.filter(one => !attached.includes(one)),
      tag,
    ).read;
    await this.#take(top);
    // What is attached may have something attached in turn, such as a signature.
    for (let next = this.#nextOf(attached); next !== undefined; next = this.#nextOf(attached))
      await this.#take(next.read);
    const documents = [...this.#documents.values()].filter(one => one !== top.described);
    return { top: top.described, documents, blobs: [...this.#blobs.values()] };
  }

  async #entries(): Promise<readonly Entry[]> {
    const bytes = await this.#bytes(INDEX_FILE);
    if (bytes === undefined) throw this.#invalid('it is no OCI layout: it has no index.json');
    const index = readIndex(bytes);
    if (!index.ok) throw this.#invalid(index.error);
    if (index.value.length > MOST_DOCUMENTS) throw this.#invalid(TOO_MANY);
    const entries: Entry[] = [];
    for (const entry of index.value) entries.push({ tag: tagOf(entry), read: await this.#document(entry) });
    return entries;
  }

  #chosen(images: readonly Entry[], tag: string | undefined): Entry {
    const found = tag === undefined ? images : images.filter(one => one.tag === tag);
    const digests = new Set(found.map(({ read }) => read.described.digest));
    const [first] = found;
    if (first !== undefined && digests.size === 1) return first;
    const tags = images.map(one => one.tag ?? one.read.described.digest).join(', ');
    if (first === undefined)
      throw this.#invalid(
        tag === undefined ? 'it holds no image' : `it holds no image '${tag}', but ${tags || 'none'}`,
      );
    throw this.#invalid(`it holds several images: ${tags}`, 'name one of their tags');
  }

  #nextOf(attached: readonly Entry[]): Entry | undefined {
    return attached.find(({ read: { described } }) => {
      const { digest, subject = '' } = described;
      return this.#documents.has(subject) && !this.#documents.has(digest);
    });
  }

  /** A document comes after all that it names. */
  async #take({ described, document }: ReadDocument): Promise<void> {
    if (this.#documents.has(described.digest)) return;
    if (document.kind === 'index')
      for (const one of document.manifests) await this.#take(await this.#document(one));
    else for (const one of [document.config, ...document.layers]) await this.#takeBlob(one);
    this.#documents.set(described.digest, described);
    if (this.#documents.size > MOST_DOCUMENTS) throw this.#invalid(TOO_MANY);
  }

  async #takeBlob({ mediaType, digest, size }: Descriptor): Promise<void> {
    const path = blobPath(digest);
    const found = await this.#files.size(path);
    if (found === undefined) throw this.#invalid(`it lacks ${path}`);
    if (found !== size) throw this.#invalid(`${path} has ${found} bytes, and should have ${size}`);
    const open: Blob['open'] = (start, signal) => this.#files.bytes(path, start, signal);
    this.#blobs.set(digest, { mediaType, digest, size, open });
  }

  async #document({ digest, mediaType }: Pick<Descriptor, 'digest' | 'mediaType'>): Promise<ReadDocument> {
    const path = blobPath(digest);
    const bytes = await this.#bytes(path);
    if (bytes === undefined) throw this.#invalid(`it lacks ${path}`);
    if (digestOf(bytes) !== digest) throw this.#invalid(`${path} has other bytes than its name says`);
    const read = readDocument(bytes, mediaType);
    if (!read.ok) throw this.#invalid(`${path}: ${read.error}`);
    return read.value;
  }

  async #bytes(path: string): Promise<Uint8Array | undefined> {
    const size = await this.#files.size(path);
    if (size === undefined) return undefined;
    if (size > MOST_DOCUMENT) throw this.#invalid(`${path} has more than 4 MiB`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#files.bytes(path, 0, this.#signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  #invalid(problem: string, remedy?: string): Error {
    return failure('image_invalid', {
      subject: this.#path,
      problem,
      ...(remedy !== undefined && { remedy }),
    });
  }
}
