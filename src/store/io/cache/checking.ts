import { join } from 'node:path';
import type { Damage, Progress } from '../../store.ts';
import { hashing } from '../hashing/hashing.ts';
import type { Leased } from './cache.ts';
import { cacheFault, codeOf } from './faults.ts';

export interface Checking {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Pick<Progress, 'files' | 'total' | 'done' | 'reused'>) => void;
}

/** Reads an artifact through, several files at once. None of it is told as sound that was not read now. */
export async function damageOf({ tree, entry }: Leased, checking: Checking): Promise<readonly Damage[]> {
  const { files } = entry.laid;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const positions = new Map<string, number>();
  const tell = (): void => {
    const done = [...positions.values()].reduce((sum, position) => sum + position, 0);
    checking.onProgress({ files: files.length, total, done, reused: done });
  };
  const damages: Damage[] = [];
  const waiting = files.values();
  const one = async (): Promise<void> => {
    for (const { path, size, sha256 } of waiting) {
      const found = await hashOf(join(tree.files, path), checking.signal, position => {
        positions.set(path, position);
        tell();
      });
      positions.set(path, size);
      if (found === sha256) continue;
      damages.push({
        digest: entry.digest,
        file: path,
        expected: `sha256:${sha256}`,
        ...(found !== undefined && { found: `sha256:${found}` }),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  tell();
  return damages;
}

/** Files that are read at once. */
const AT_ONCE = 4;

/** Undefined for one that is not there. */
async function hashOf(
  path: string,
  signal: AbortSignal,
  onPosition: (position: number) => void,
): Promise<string | undefined> {
  try {
    return (await hashing.file(path, { signal, onPosition })).hexes[0];
  } catch (error: unknown) {
    signal.throwIfAborted();
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw cacheFault(path, error);
  }
}
