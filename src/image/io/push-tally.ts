import type { Blob } from '../content.ts';

/** Bytes of blobs. */
export interface PushProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** How far all blobs are together. */
export class PushTally {
  readonly #total: number;
  readonly #tell: ((progress: PushProgress) => void) | undefined;
  readonly #reached = new Map<string, number>();
  #done = 0;

  constructor(blobs: readonly Blob[], tell: ((progress: PushProgress) => void) | undefined) {
    this.#total = blobs.reduce((sum, { size }) => sum + size, 0);
    this.#tell = tell;
  }

  /** Of a blob, so many bytes are there, or on their way. What is sent anew is not counted anew. */
  reach({ digest, size }: Blob, bytes: number): void {
    const before = this.#reached.get(digest) ?? 0;
    const now = Math.min(size, Math.max(before, bytes));
    if (now === before) return;
    this.#reached.set(digest, now);
    this.#done += now - before;
    this.#tell?.({ phase: 'push', done: this.#done, total: this.#total });
  }
}
