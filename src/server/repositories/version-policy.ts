/** Which versions of a model are served of those that a repository has. */
import type { Versions } from '#spec';

/** So many of the latest, each there is, or just these. */
export type VersionPolicy = Versions;

/** Both Triton and TensorFlow Serving have it where nothing else is said. */
export const latestOnly: VersionPolicy = { latest: 1 };

export interface Choice {
  /** The lowest first. */
  readonly serve: readonly string[];
  /** There, and not wanted. */
  readonly leave: readonly string[];
  /** Wanted, and not there. */
  readonly missing: readonly string[];
}

/** Chooses among numbered versions. A policy that says nothing means the latest one. */
export function chooseVersions(policy: VersionPolicy, versions: readonly string[]): Choice {
  const sorted = [...new Set(versions)].toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const wanted = new Set(wantedOf(policy, sorted));
  return {
    serve: sorted.filter(version => wanted.has(version)),
    leave: sorted.filter(version => !wanted.has(version)),
    missing: [...wanted].filter(version => !sorted.includes(version)),
  };
}

function wantedOf({ latest, all, specific }: VersionPolicy, sorted: readonly string[]): readonly string[] {
  if (specific !== undefined) return specific;
  if (all !== undefined) return sorted;
  // A slice from -0 would be everything.
  return latest === 0 ? [] : sorted.slice(-(latest ?? 1));
}

/** A policy in words: `the latest 2`. */
export function policyText({ latest, all, specific }: VersionPolicy): string {
  if (specific !== undefined) return `just ${specific.join(', ')}`;
  if (all !== undefined) return 'all';
  return latest === undefined || latest === 1 ? 'the latest' : `the latest ${latest}`;
}
