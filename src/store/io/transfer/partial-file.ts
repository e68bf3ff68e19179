import { constants, type FileHandle, open, readFile } from 'node:fs/promises';
import { apart, type Block, blockLine, readBlocks } from '../../transfer/journal.ts';
import { cacheFault } from '../cache/faults.ts';
import { hashing } from '../hashing/hashing.ts';

/** A file that is being fetched, and the journal of what of it is there. */
export class PartialFile {
  readonly path: string;
  readonly #data: FileHandle;
  readonly #journal: FileHandle;
  #lines = '';
  #isWriting: Promise<void> | undefined;

  private constructor(path: string, data: FileHandle, journal: FileHandle) {
    this.path = path;
    this.#data = data;
    this.#journal = journal;
  }

  /** `isAnew` forgets what is there. */
  static async open(path: string, isAnew: boolean): Promise<PartialFile> {
    try {
      const data = await open(
        path,
        constants.O_RDWR | constants.O_CREAT | (isAnew ? constants.O_TRUNC : 0),
        0o644,
      );
      const journal = await open(journalOf(path), isAnew ? 'w' : 'a').catch(async (error: unknown) => {
        await data.close();
        throw error;
      });
      const file = new PartialFile(path, data, journal);
      // The last line may be torn.
      if (!isAnew) file.#lines = '\n';
      return file;
    } catch (error: unknown) {
      throw cacheFault(path, error);
    }
  }

  /** A nearly full disk takes some of it before it refuses the rest. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#data.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
    } catch (error: unknown) {
      throw cacheFault(this.path, error);
    }
  }

  /** Notes blocks that are written. Many that come at once are written as one. */
  async note(blocks: readonly Block[]): Promise<void> {
    this.#lines += blocks.map(blockLine).join('');
    this.#isWriting ??= this.#writeLines();
    await this.#isWriting;
  }

  async #writeLines(): Promise<void> {
    try {
      while (this.#lines !== '') {
        const lines = this.#lines;
        this.#lines = '';
        await this.#journal.write(lines);
      }
    } catch (error: unknown) {
      throw cacheFault(this.path, error);
    } finally {
      this.#isWriting = undefined;
    }
  }

  /** With a size, what lies beyond that is cut off. */
  async close(size?: number): Promise<void> {
    try {
      await this.#isWriting?.catch(() => {});
      if (size !== undefined) await this.#data.truncate(size);
    } catch (error: unknown) {
      throw cacheFault(this.path, error);
    } finally {
      await this.#data.close();
      await this.#journal.close();
    }
  }
}

function journalOf(path: string): string {
  return `${path}.journal`;
}

/** The blocks of a partial file whose bytes prove to be there. */
export async function provenBlocks(path: string, size: number | undefined): Promise<readonly Block[]> {
  const text = await readFile(journalOf(path), 'utf8').catch(() => '');
  const blocks = readBlocks(text, size);
  if (blocks.length === 0) return [];
  const crcs = await hashing.crcs(path, blocks).catch(() => []);
  return apart(blocks.filter(({ crc }, at) => crcs[at] === crc));
}
