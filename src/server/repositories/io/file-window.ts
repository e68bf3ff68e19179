import type { FileHandle } from 'node:fs/promises';

/** Bytes that are read at once: few where the reader jumps, ever more where it goes on. */
const LEAST = 4096;
const MOST = 256 * 1024;

/** A part of a file, moved to where it is looked at. */
export class FileWindow {
  readonly size: number;
  readonly #file: FileHandle;
  #from = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #length = MOST / 4;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** So many bytes, or those there are; undefined when they have to be loaded. They stay as they are until the next load. */
  held(offset: number, length: number): Buffer | undefined {
    const end = Math.min(offset + length, this.size);
    if (offset < this.#from || end > this.#from + this.#bytes.length) return undefined;
    return this.#bytes.subarray(offset - this.#from, end - this.#from);
  }

  async load(offset: number, length: number): Promise<Buffer> {
    const goesOn = offset >= this.#from && offset <= this.#from + this.#bytes.length;
    this.#length = goesOn ? Math.min(2 * this.#length, MOST) : LEAST;
    const wanted = Math.min(Math.max(this.#length, length), this.size - offset);
    const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(wanted), 0, wanted, offset);
    this.#from = offset;
    this.#bytes = buffer.subarray(0, bytesRead);
    return this.held(offset, length) ?? this.#bytes;
  }
}
