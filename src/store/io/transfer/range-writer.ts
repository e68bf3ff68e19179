import { crc32 } from 'node:zlib';
import type { Block } from '../../transfer/journal.ts';
import type { PartialFile } from './partial-file.ts';

/** Bytes that are written at once, and noted: what a kill may lose of each connection. */
const BLOCK = 2 ** 19;

/**
 * Blocks to gather in, lent to the writers of one pull. What comes from a socket is copied there, and so dies young: kept until it
 * is written it would be collected late, at several times the cost, and a pull would hold twice as much.
 */
export class Blocks {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
  }

  give(block: Buffer): void {
    this.#free.push(block);
  }
}

/** Writes what comes in order: while one block is on its way to the disk the next one gathers, and no third. */
export class RangeWriter {
  readonly #file: PartialFile;
  readonly #blocks: Blocks;
  readonly #onWritten: (block: Block) => void;
  #gathering: Buffer | undefined;
  #gathered = 0;
  #start: number;
  #last: Promise<void> = Promise.resolve();

  constructor(
    file: PartialFile,
    start: number,
    { blocks, onWritten }: { blocks: Blocks; onWritten: (block: Block) => void },
  ) {
    this.#file = file;
    this.#start = start;
    this.#blocks = blocks;
    this.#onWritten = onWritten;
  }

  /** The offset that comes next. */
  get position(): number {
    return this.#start + this.#gathered;
  }

  /** A promise only where it is to be waited for. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    const taken = this.#gather(chunk);
    return this.#gathered < BLOCK ? undefined : this.#pushRest(chunk.subarray(taken));
  }

  async #pushRest(chunk: Uint8Array): Promise<void> {
    await this.#send();
    for (let at = 0; at < chunk.length; ) {
      at += this.#gather(chunk.subarray(at));
      if (this.#gathered === BLOCK) await this.#send();
    }
  }

  /** Says how many bytes had room. */
  #gather(chunk: Uint8Array): number {
    this.#gathering ??= this.#blocks.take();
    const room = Math.min(chunk.length, BLOCK - this.#gathered);
    this.#gathering.set(room === chunk.length ? chunk : chunk.subarray(0, room), this.#gathered);
    this.#gathered += room;
    return room;
  }

  async #send(): Promise<void> {
    await this.#last;
    const bytes = this.#gathering?.subarray(0, this.#gathered);
    if (bytes === undefined) return;
    this.#last = this.#write(bytes, this.#start);
    // It is waited for by whoever comes next; until then its failure is nobody's.
    this.#last.catch(() => {});
    this.#gathering = undefined;
    this.#start += this.#gathered;
    this.#gathered = 0;
  }

  async #write(bytes: Buffer, start: number): Promise<void> {
    const block = { start, end: start + bytes.length, crc: crc32(bytes) };
    await this.#file.write(bytes, start);
    this.#blocks.give(Buffer.from(bytes.buffer));
    await this.#file.note([block]);
    this.#onWritten(block);
  }

  /** Until all that came is written and noted. */
  async settle(): Promise<void> {
    if (this.#gathered > 0) await this.#send();
    await this.#last;
  }
}
