import { open } from 'node:fs/promises';
import { failure, messageOf } from '#base';
import type { ArchiveEntry } from '../../archive/entry.ts';
import { Allowance, type UnpackLimits } from '../../archive/limits.ts';
import { Links, relativeTarget } from '../../archive/links.ts';
import { namesOf, placeOf } from '../../archive/place.ts';
import { isMark, whiteoutOf } from '../../archive/whiteout.ts';
import type { Unpacking } from '../../source.ts';
import { packedFile, unpacked } from './decompress.ts';
import { Ground } from './ground.ts';
import { readTar } from './read-tar.ts';
import { readZip } from './read-zip.ts';
import { Refusal, refused } from './refusal.ts';

export interface UnpackOptions {
  readonly unpacking: Unpacking;
  readonly limits: UnpackLimits;
  /** What people call the archive, in errors; its path without. */
  readonly called?: string;
  readonly signal?: AbortSignal | undefined;
  /** Told of each file that the archive says may be run, where the archive is a zip; here none can be. */
  readonly onProgram?: (path: string) => void;
}

/**
 * Unpacks an archive into a folder that nobody else writes to. What earlier archives brought there is written over. A folder that
 * all of an archive lies in, such as `model-1.0/`, stays.
 *
 * Files get the mode 0644 and folders 0755, whatever the archive says. A link within the archive becomes what it leads to: a hard
 * link to the file, or a folder of such. So no symbolic link ever lies there, and nothing is written through one.
 *
 * Throws `archive_invalid` for what is broken, cut off or too much, and for each name, link or kind of file that must not be
 * unpacked; `cache_full` and `cache_unusable` where the disk does not let it; or the signal's reason. What was unpacked till then
 * stays: whoever asked removes the folder.
 */
export async function unpack(archive: string, into: string, options: UnpackOptions): Promise<void> {
  const { called = archive, signal } = options;
  try {
    signal?.throwIfAborted();
    await new Unpack(archive, into, options).run();
  } catch (error: unknown) {
    signal?.throwIfAborted();
    throw error instanceof Refusal ? refused(called, error) : unwritable(into, error);
  }
}

function unwritable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return failure(isFull ? 'cache_full' : 'cache_unusable', { path, problem: messageOf(error) }, error);
}

const SYSTEM_FILES = 20;

/** One run of `unpack`. */
class Unpack {
  readonly #archive: string;
  readonly #ground: Ground;
  readonly #options: UnpackOptions;
  readonly #below: readonly string[];

  constructor(archive: string, into: string, options: UnpackOptions) {
    this.#archive = archive;
    this.#ground = new Ground(into);
    this.#options = options;
    this.#below = namesOf(options.unpacking.below ?? '');
  }

  async run(): Promise<void> {
    const handle = await open(this.#archive, 'r');
    try {
      const { size } = await handle.stat();
      const allowance = new Allowance(this.#limits(), size);
      await this.#ground.survey();
      const { format } = this.#options.unpacking;
      const count = (name?: string): void => refuse(allowance.takeEntry(), name);
      const entries =
        format === 'zip' ? readZip(handle, count) : readTar(unpacked(packedFile(handle), format), count);
      for await (const entry of entries) await this.#take(entry, allowance);
      await this.#link(allowance);
    } finally {
      await handle.close();
    }
  }

  /** Entries that are not taken are seen too, and a system around a model has many more than any model. */
  #limits(): UnpackLimits {
    const { limits } = this.#options;
    return this.#below.length === 0 ? limits : { ...limits, files: limits.files * SYSTEM_FILES };
  }

  async #take(entry: ArchiveEntry, allowance: Allowance): Promise<void> {
    const { signal, unpacking } = this.#options;
    signal?.throwIfAborted();
    if (unpacking.isLayer === true && isMark(entry.name)) return this.#remove(entry.name);
    const place = placeOf(entry.name, this.#below);
    if (!place.ok) throw new Refusal(place.error, entry.name);
    if (place.value === undefined) return this.#pass(entry, allowance);
    if (place.value !== '') return this.#place(entry, place.value, allowance);
    // The folder that is taken: its mark is nothing, but it must be one.
    if (entry.kind !== 'folder') throw new Refusal(`is a ${entry.kind}, and should be a folder`, entry.name);
  }

  /** What is not taken counts all the same: reading it is work too. */
  async #pass(entry: ArchiveEntry, allowance: Allowance): Promise<void> {
    if (this.#options.unpacking.format === 'zip') return;
    for await (const chunk of entry.bytes()) this.#count(chunk, entry.name, allowance);
  }

  #count(chunk: Uint8Array, name: string, allowance: Allowance): void {
    this.#options.signal?.throwIfAborted();
    refuse(allowance.takeBytes(chunk.length), name);
  }

  async #place(entry: ArchiveEntry, path: string, allowance: Allowance): Promise<void> {
    const { name, kind, target, size } = entry;
    if (kind === 'folder') return this.#ground.makeFolder(path, name);
    if (kind === 'symbolic link') return this.#ground.noteLink(path, target, name);
    if (kind === 'hard link') return this.#hardLink(path, target, name, allowance);
    if (kind !== 'file') throw new Refusal(`is a ${kind}, which is not unpacked`, name);
    refuse(allowance.wouldExceed(size), name);
    await this.#ground.writeFile(path, entry, chunk => this.#count(chunk, name, allowance));
    if (entry.isProgram === true) this.#options.onProgram?.(path);
  }

  /** Leads to what came before it in the archive, or in an earlier layer. */
  async #hardLink(path: string, target: string, name: string, allowance: Allowance): Promise<void> {
    const place = placeOf(target, this.#below);
    if (!place.ok || place.value === undefined)
      throw new Refusal(`is a link to '${target}', which is outside of what is unpacked`, name);
    const found = this.#ground.find(place.value);
    if (found?.kind === 'link') return this.#ground.noteLink(path, relativeTarget(path, place.value), name);
    if (found?.kind !== 'file')
      throw new Refusal(`is a link to '${target}', which is no file before it`, name);
    refuse(allowance.takeBytes(found.size), name);
    await this.#ground.linkFile(path, place.value, name);
  }

  async #remove(name: string): Promise<void> {
    const whiteout = whiteoutOf(name, this.#below);
    if (!whiteout.ok) throw new Refusal(whiteout.error, name);
    if (whiteout.value !== undefined) await this.#ground.clear(whiteout.value);
  }

  /** Once all is there: links may lead to what comes after them. */
  async #link(allowance: Allowance): Promise<void> {
    const links = new Links(this.#ground.tree, this.#below, this.#options.unpacking.isLayer === true);
    await this.#ground.settleLinks(links, (name, size) => {
      this.#options.signal?.throwIfAborted();
      refuse(allowance.takeEntry() ?? allowance.takeBytes(size), name);
    });
  }
}

function refuse(problem: string | undefined, entry?: string): void {
  if (problem !== undefined) throw new Refusal(problem, entry);
}
