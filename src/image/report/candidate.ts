import { sizeText } from '#base';
import type { Laid, Placed } from './placed.ts';

/** What an image could do without, as a rule found it. */
export interface Candidate {
  /** For programs: `node-tools`. */
  readonly id: string;
  /** For people: `npm, yarn and headers of Node`. */
  readonly what: string;
  /** Why it is spare, and what it costs to be without. */
  readonly why: string;
  /** The flag, or what else is to be done. */
  readonly change: string;
  readonly files: readonly Placed[];
  /** Compressed bytes that come back with the change. */
  readonly comesBack?: ((packed: (files: readonly Placed[]) => number) => number) | undefined;
}

/** What looks for something of which there may be none; its files may be others' too. */
export type Rule = (laid: Laid) => readonly Candidate[];

/** How changes begin that no flag makes. */
export const OWN_BASE = 'a base of your own, made without them';

/** The folders of some that hold what is to go. */
export function withoutInBase(files: readonly Placed[], folders: readonly string[]): string {
  const there = folders.filter(folder => files.some(({ path }) => isBelow(path, folder)));
  return `${OWN_BASE}: rm -r ${there.map(folder => `/${folder}`).join(' ')}`;
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The largest of some, by what they are called, with their bytes: `numpy 8.1 MiB, scipy 7.9 MiB`. */
export function largestText(files: readonly Placed[], nameOf: (file: Placed) => string, most = 3): string {
  const sums = new Map<string, number>();
  for (const file of files) sums.set(nameOf(file), (sums.get(nameOf(file)) ?? 0) + file.bytes);
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a);
  const more = sorted.length > most ? ', …' : '';
  return `${sorted
    .slice(0, most)
    .map(([name, bytes]) => `${name} ${sizeText(bytes)}`)
    .join(', ')}${more}`;
}
