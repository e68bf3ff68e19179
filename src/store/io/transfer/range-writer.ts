import { crc32 } from 'node:zlib';
import type { Block } from '../../transfer/journal.ts';
import type { PartialFile } from './partial-file.ts';

/** Bytes that are written at once, and noted: what a kill may lose of each connection. */
const BLOCK = 2 ** 20;

/** Writes what comes in order: while one block is on its way to the disk the next one gathers, and no third. */
export class RangeWriter {
  readonly #file: PartialFile;
  readonly #onWritten: (block: Block) => void;
  #chunks: Uint8Array[] = [];
  #gathered = 0;
  #crc = 0;
  #start: number;
  #last: Promise<void> = Promise.resolve();

  constructor(file: PartialFile, start: number, onWritten: (block: Block) => void) {
    this.#file = file;
    this.#start = start;
    this.#onWritten = onWritten;
  }

  /** The offset that comes next. */
  get position(): number {
    return this.#start + this.#gathered;
  }

  /** A promise only where it is to be waited for. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.#gathered += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    return this.#gathered < BLOCK ? undefined : this.#send();
  }

  async #send(): Promise<void> {
    await this.#last;
    const block = { start: this.#start, end: this.position, crc: this.#crc };
    this.#last = this.#write(this.#chunks, block);
    // It is waited for by whoever comes next; until then its failure is nobody's.
    this.#last.catch(() => {});
    this.#chunks = [];
    this.#start = block.end;
    this.#gathered = 0;
    this.#crc = 0;
  }

  async #write(chunks: readonly Uint8Array[], block: Block): Promise<void> {
    await this.#file.write(chunks, block.start);
    await this.#file.note([block]);
    this.#onWritten(block);
  }

  /** Until all that came is written and noted. */
  async settle(): Promise<void> {
    if (this.#gathered > 0) await this.#send();
    await this.#last;
  }
}
