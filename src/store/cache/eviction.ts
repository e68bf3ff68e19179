/** What of the cache goes when room is needed. */

/** A published artifact, as far as that matters. */
export interface Resident {
  readonly id: string;
  readonly usedAt: number;
  readonly files: readonly { readonly size: number; readonly sha256: string }[];
}

/** Bytes on the disk: files of several artifacts lie there once. */
export function bytesOf(residents: readonly Resident[]): number {
  const sizes = new Map(residents.flatMap(({ files }) => files).map(({ sha256, size }) => [sha256, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/**
 * Those to try in this order, least lately used first, until no more than so many bytes are left. Whether one is in use only its
 * lease tells, so who removes them asks again after each that would not go.
 */
export function nextToGo(
  residents: readonly Resident[],
  mostBytes: number,
  stay: ReadonlySet<string>,
): Resident | undefined {
  if (bytesOf(residents) <= mostBytes) return undefined;
  return residents.filter(({ id }) => !stay.has(id)).toSorted((a, b) => a.usedAt - b.usedAt)[0];
}
