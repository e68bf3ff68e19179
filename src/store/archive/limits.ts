/** What an archive may come to, all of it together. */
export interface UnpackLimits {
  /** Bytes of all files, those that links stand for among them. */
  readonly bytes: number;
  /** Entries: files, folders, links, and headers that only describe others. */
  readonly files: number;
  /** Bytes that come out for each one of the archive. */
  readonly ratio: number;
}

/** Up to here nobody is harmed, whatever the ratio: text of one letter is packed a thousandfold. */
const HARMLESS = 64 * 1024 * 1024;

/** Counts what comes out of one archive. Each answers what is wrong once it is too much. */
export class Allowance {
  readonly #limits: UnpackLimits;
  readonly #most: number;
  #bytes = 0;
  #files = 0;

  constructor(limits: UnpackLimits, archiveBytes: number) {
    this.#limits = limits;
    this.#most = Math.min(limits.bytes, Math.max(HARMLESS, archiveBytes * limits.ratio));
  }

  takeEntry(): string | undefined {
    this.#files++;
    return this.#files > this.#limits.files ? `is one of more than ${this.#limits.files} entries` : undefined;
  }

  /** Of bytes that came out, or are about to. */
  takeBytes(count: number): string | undefined {
    this.#bytes += count;
    return this.#problem(this.#bytes);
  }

  /** Whether so many bytes more would be too much; takes none. */
  wouldExceed(count: number): string | undefined {
    return this.#problem(this.#bytes + count);
  }

  #problem(bytes: number): string | undefined {
    if (bytes <= this.#most) return undefined;
    return this.#most === this.#limits.bytes
      ? `takes the archive over ${this.#limits.bytes} bytes`
      : `takes the archive over ${this.#limits.ratio} times its own size, as a bomb does`;
  }
}
