/** What is found on the way through a file that is to be contained, and where its paths go. */
import { isAbsolute, resolve } from 'node:path';
import type { LeftOut, Mounted, Packed } from './container.ts';

export interface Findings {
  readonly base: string;
  readonly packed: Packed[];
  readonly mounted: Mounted[];
  readonly left: LeftOut[];
}

/** Where it has to be mounted: at the path that the file says, if that is one for any machine. */
export function mountedAt(written: string, usual: string): string {
  return isAbsolute(written) ? written : usual;
}

/** Packs what a path names, and gives its place. */
export function packedAt(written: string, to: string, { base, packed }: Findings): string {
  packed.push({ from: resolve(base, written), to });
  return to;
}
