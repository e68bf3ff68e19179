/** Inputs that are kept: one folder a border, one file an input, as `case.ts` writes them. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Case, fromFile, toFile } from './case.ts';

export const corpusFolder = join(import.meta.dirname, 'corpus');

/** A kept input and its file's name. */
export interface Kept extends Case {
  readonly file: string;
}

/** Inputs larger than this are not worth their place in a repository. Bytes. */
const MOST_KEPT_BYTES = 2048;

/** In one folder. */
const MOST_KEPT = 60;

/** In the order of their names; none when the folder is not there. */
export function readCorpus(border: string, folder = corpusFolder): readonly Kept[] {
  return namesIn(join(folder, border)).map(file => ({
    file,
    ...fromFile(readFileSync(join(folder, border, file))),
  }));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** Writes an input under a name that tells what it led to. Gives the path. */
export function keep(border: string, one: Case, words: string, folder = corpusFolder): string {
  const bytes = toFile(one);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const path = join(folder, border, `${slug(words)}-${digest}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** Adds finds that are small, as long as there is room. Gives how many. */
export function grow(border: string, finds: ReadonlyMap<string, Case>, folder = corpusFolder): number {
  const room = MOST_KEPT - namesIn(join(folder, border)).length;
  const small = [...finds].filter(([, one]) => toFile(one).length <= MOST_KEPT_BYTES);
  const chosen = spread(small, Math.max(0, room));
  for (const [words, one] of chosen) keep(border, one, words, folder);
  return chosen.length;
}

/** So many of them, from all over the list: what is found early is all of one kind. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)] as T);
}

/** The border that a file's folder names. */
export function borderOf(path: string): string {
  return basename(dirname(path));
}

function slug(words: string): string {
  const plain = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, 60).replaceAll(/^-|-$/g, '') || 'find';
}
