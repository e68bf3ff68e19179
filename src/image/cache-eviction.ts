/** What of the cache of a builder goes when it has grown too large. */

/** A blob of the cache. */
export interface Kept {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last used: the larger, the later. */
  readonly usedAt: number;
}

/** Those to remove so that no more than so many bytes are left, least lately used first; never one that is in use. */
export function namesToEvict(
  all: readonly Kept[],
  mostBytes: number,
  inUse: ReadonlySet<string>,
): readonly string[] {
  let left = all.reduce((sum, { size }) => sum + size, 0);
  const gone: string[] = [];
  for (const { name, size } of all.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (left <= mostBytes) break;
    if (inUse.has(name)) continue;
    gone.push(name);
    left -= size;
  }
  return gone;
}
