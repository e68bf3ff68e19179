import { statSync } from 'node:fs';
import { failure } from '#base';

/** What tells a file from another that took its place. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

/**
 * A session that is built later than its model's others must be of the same file: a new version there is not that model,
 * and half of the answers would be the other's. Throws `model_invalid`.
 */
export function checkStamp(path: string, stamp: string): void {
  if (stampOf(path) === stamp) return;
  throw failure('model_invalid', { path, problem: 'the file was changed after the model was loaded' });
}
