/** fairlead's own commands, each with a cache of its own. */
import { join } from 'node:path';
import type { Watched } from './measured.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const DEADLINE_MS = 900_000;

export interface Asked {
  readonly cache: string;
  readonly env: Readonly<Record<string, string>>;
}

export function store(words: readonly string[], { cache, env }: Asked): Watched {
  return {
    argv: [process.execPath, '--conditions=source', main, 'store', ...words],
    env: { ...env, FAIRLEAD_CACHE: cache },
    deadlineMs: DEADLINE_MS,
  };
}

export function pull(uri: string, asked: Asked): Watched {
  return store(['pull', uri], asked);
}
