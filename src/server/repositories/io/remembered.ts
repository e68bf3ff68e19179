/** What was made of files by their paths, and is not made again while they stay as they are. */
export class Remembered<T> {
  readonly #known = new Map<string, { readonly identity: string; readonly value: T }>();
  readonly #asked = new Set<string>();

  /** `identity` is another one when the file has changed. */
  async of(path: string, identity: string, make: () => Promise<T>): Promise<T> {
    this.#asked.add(path);
    const before = this.#known.get(path);
    if (before?.identity === identity) return before.value;
    const value = await make();
    this.#known.set(path, { identity, value });
    return value;
  }

  /** Forgets what nobody asked for since this was done last. */
  sweep(): void {
    for (const path of this.#known.keys()) if (!this.#asked.has(path)) this.#known.delete(path);
    this.#asked.clear();
  }
}
