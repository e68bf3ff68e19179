/**
 * A stream that is read once, by several readers one after the other: what one of them read too far is there for the next. It holds
 * what was read and is not dropped yet. The stream's chunks must stay as they are while it reads on.
 */
export class Tape {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #held: Uint8Array[] = [];
  /** Where what is held begins and ends. */
  #start = 0;
  #end = 0;
  #pulling: Promise<boolean> | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The bytes from a place on that is not dropped. */
  async *from(start: number): AsyncGenerator<Uint8Array> {
    for (let at = start; ; ) {
      const chunk = this.#chunkAt(at);
      if (chunk !== undefined) {
        at += chunk.length;
        yield chunk;
      } else if (!(await this.#pull())) return;
    }
  }

  /** Nobody reads what lies before a place any more. */
  drop(before: number): void {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (this.#start + first.length > before) return;
      this.#start += first.length;
      this.#held.shift();
    }
  }

  /** How a place lies to the end of the stream. */
  async toEnd(at: number): Promise<'before' | 'there' | 'behind'> {
    while (this.#end <= at) if (!(await this.#pull())) return this.#end === at ? 'there' : 'behind';
    return 'before';
  }

  /** Whoever makes the stream is told that no more is wanted. A chunk that is still to come is not waited for. */
  close(): void {
    this.#source.return?.().catch(() => {});
  }

  #chunkAt(at: number): Uint8Array | undefined {
    let start = this.#start;
    for (const chunk of this.#held) {
      if (at < start + chunk.length) return chunk.subarray(at - start);
      start += chunk.length;
    }
    return undefined;
  }

  /** Shared by those who ask at once: a reader that was stopped may still wait for a chunk, which is the next one's too. */
  #pull(): Promise<boolean> {
    this.#pulling ??= this.#next().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #next(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#held.push(next.value);
    this.#end += next.value.length;
    return true;
  }
}
