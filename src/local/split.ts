/**
 * An exact weighted split, one turn at a time. A turn goes to the share whose next turn falls due first, among those that
 * are owed one. Give share i of n the turns 1, 2, 3…: turn j may come from slot ⌊(j−1)·total/w⌋ on and is due by
 * ⌈j·total/w⌉. These are unit jobs with whole-number windows whose density adds up to exactly 1, so earliest due first
 * meets every window, and after any k turns a share has had more than k·w/total − 1 and fewer than k·w/total + 1. (The
 * usual "smooth" rule, which takes the largest credit, leaves that band when there are many shares.) After every `total`
 * turns each share has had exactly its weight, and from there the order repeats.
 */
export interface Share {
  readonly name: string;
  /** A whole number; 0 gets no turn. */
  readonly weight: number;
}

export interface Split {
  readonly shares: readonly Share[];
  /** By share: turns so far × its weight − total × turns it had. They add up to 0. */
  readonly credits: readonly number[];
}

/** A split in which nobody is owed anything; it is started anew whenever the shares change, so nobody comes back to a burst. */
export function startSplit(shares: readonly Share[]): Split {
  return { shares, credits: shares.map(() => 0) };
}

/** Whose turn it is, and the split after it; nobody's when all weights are 0. */
export function takeTurn(split: Split): { readonly name: string; readonly split: Split } | undefined {
  const total = split.shares.reduce((sum, share) => sum + share.weight, 0);
  const credits = split.shares.map((share, index) => (split.credits[index] ?? 0) + share.weight);
  const chosen = firstDue(split.shares, credits, total);
  const share = split.shares[chosen];
  if (share === undefined) return undefined;
  credits[chosen] = (credits[chosen] ?? 0) - total;
  return { name: share.name, split: { shares: split.shares, credits } };
}

function firstDue(shares: readonly Share[], credits: readonly number[], total: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { weight }] of shares.entries()) {
    const credit = credits[index] ?? 0;
    if (weight === 0 || credit <= 0) continue;
    const due = Math.ceil((total - credit) / weight);
    if (due < least) [best, least] = [index, due];
  }
  return best;
}

export function sameShares(a: readonly Share[], b: readonly Share[]): boolean {
  return (
    a.length === b.length &&
    a.every((share, index) => share.name === b[index]?.name && share.weight === b[index].weight)
  );
}
