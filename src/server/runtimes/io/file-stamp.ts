import { statSync } from 'node:fs';
import { failure } from '#base';

/**
 * What tells a model's files from others that took their place. Files that come beside them change nothing: a model may write
 * where it lies.
 */
export class FileStamp {
  readonly #stamps: ReadonlyMap<string, string>;

  constructor(files: readonly string[]) {
    this.#stamps = new Map(files.map(path => [path, stampOf(path)]));
  }

  /**
   * What is loaded later than its model's others must be of the same files: a new version there is not that model, and half of
   * the answers would be the other's. Throws `model_changed`.
   */
  check(): void {
    const path = this.changed();
    if (path !== undefined) throw failure('model_changed', { path });
  }

  /** A file that is another one now; undefined where all are as they were. */
  changed(): string | undefined {
    for (const [path, stamp] of this.#stamps) if (stampOf(path) !== stamp) return path;
    return undefined;
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}
