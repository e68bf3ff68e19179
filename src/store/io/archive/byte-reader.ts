/** Bytes of a stream, taken in pieces of the asker's size. Holds one chunk of it, and what is asked for at once. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** At least one byte and at most so many; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = next.value as Uint8Array<ArrayBuffer>;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** So many bytes, or undefined where the stream ends before. */
  async exactly(count: number): Promise<Uint8Array | undefined> {
    const first = count === 0 ? new Uint8Array(0) : await this.some(count);
    if (first === undefined || first.length === count) return first;
    const whole = new Uint8Array(count);
    whole.set(first);
    for (let at = first.length; at < count; ) {
      const next = await this.some(count - at);
      if (next === undefined) return undefined;
      whole.set(next, at);
      at += next.length;
    }
    return whole;
  }
}
