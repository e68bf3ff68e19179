/** What rounds of a noisy figure come to: the middle one, and how far apart they lay. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws RangeError when there is nothing to summarise: a bench that measured nothing must not print a row. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values to summarise');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[Math.max(0, Math.floor(index))] ?? Number.NaN;
  const last = sorted.length - 1;
  return { median: (at(last / 2) + at((last + 1) / 2)) / 2, min: at(0), max: at(last) };
}

/** The ratio of each round's figure to the baseline's of the same round; noise shared by a round cancels. */
export function pairedRatios(values: readonly number[], baseline: readonly number[]): number[] {
  if (values.length !== baseline.length) throw new RangeError('the rounds do not pair up');
  return values.map((value, round) => value / (baseline[round] ?? Number.NaN));
}

/** The same list started `by` places later, so that no entry is always first or last in its round. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const cut = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(cut), ...list.slice(0, cut)];
}
