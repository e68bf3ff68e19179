/** Tells those who watch that something about the server's readiness may have changed. What it is, they ask. */
export class Readiness {
  readonly #watchers = new Set<() => void>();

  /** Calls back at each change; call what it returns to stop. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  changed(): void {
    for (const tell of Array.from(this.#watchers)) tell();
  }
}
