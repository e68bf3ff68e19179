import { basename, dirname } from 'node:path';
import { type Resolved, resolveModel } from '#store';
import { identityOf } from './folder.ts';

interface Known {
  readonly identity: string;
  readonly resolved: Resolved;
}

/** Files that were read through once, and are not again while they stay as they are. */
export class Digests {
  readonly #known = new Map<string, Known>();
  readonly #asked = new Set<string>();

  /** Throws what `resolveModel` throws. */
  async resolve(path: string): Promise<Known> {
    this.#asked.add(path);
    const name = basename(path);
    // Those that the digest covers.
    const identity = await identityOf(dirname(path), [name, `${name}.data`, `${name}_data`]);
    const before = this.#known.get(path);
    if (before?.identity === identity) return before;
    const known = { identity, resolved: await resolveModel(path, '/') };
    this.#known.set(path, known);
    return known;
  }

  /** Forgets those that nobody asked for since this was done last. */
  sweep(): void {
    for (const path of this.#known.keys()) if (!this.#asked.has(path)) this.#known.delete(path);
    this.#asked.clear();
  }
}
