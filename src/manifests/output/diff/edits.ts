/** What has to be done to lines to make others of them. E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). */

export interface Edit {
  readonly kind: 'same' | 'gone' | 'new';
  readonly line: string;
}

type Lines = readonly string[];

/** Beyond so many changes nobody reads them one by one, and the work grows with their square: all lines are replaced. */
const MOST_CHANGES = 1000;

/** As few as there can be, what goes before what comes. */
export function editsOf(before: Lines, after: Lines): Edit[] {
  const most = Math.min(before.length, after.length);
  const first = sameAtStart(before, after, most);
  const last = sameAtEnd(before, after, most - first);
  const [gone, come] = [before.slice(first, before.length - last), after.slice(first, after.length - last)];
  return [
    ...all('same', before.slice(0, first)),
    ...(middle(gone, come) ?? [...all('gone', gone), ...all('new', come)]),
    ...all('same', before.slice(before.length - last)),
  ];
}

function all(kind: Edit['kind'], lines: Lines): Edit[] {
  return lines.map(line => ({ kind, line }));
}

function sameAtStart(a: Lines, b: Lines, most: number): number {
  let count = 0;
  while (count < most && a[count] === b[count]) count++;
  return count;
}

function sameAtEnd(a: Lines, b: Lines, most: number): number {
  let count = 0;
  while (count < most && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

/** How far into `before` each diagonal gets with so many changes. */
type Reach = ReadonlyMap<number, number>;

function middle(before: Lines, after: Lines): Edit[] | undefined {
  const reached: Reach[] = [];
  let reach: Reach = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(before.length + after.length, MOST_CHANGES); changes++) {
    reached.push(reach);
    reach = furthest(reach, changes, { before, after });
    if (reach.get(before.length - after.length) === before.length) return back(reached, before, after);
  }
  return undefined;
}

function furthest(reach: Reach, changes: number, { before, after }: { before: Lines; after: Lines }): Reach {
  const next = new Map(reach);
  for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
    let at = comesFromAbove(reach, diagonal, changes)
      ? (reach.get(diagonal + 1) ?? 0)
      : (reach.get(diagonal - 1) ?? 0) + 1;
    while (at < before.length && at - diagonal < after.length && before[at] === after[at - diagonal]) at++;
    next.set(diagonal, at);
  }
  return next;
}

/** By a line that comes, not by one that goes. */
function comesFromAbove(reach: Reach, diagonal: number, changes: number): boolean {
  if (diagonal === -changes) return true;
  return diagonal !== changes && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1);
}

/** From the end to the start, by the way that each step came. */
function back(reached: readonly Reach[], before: Lines, after: Lines): Edit[] {
  const edits: Edit[] = [];
  let [at, diagonal] = [before.length, before.length - after.length];
  for (const [changes, reach] of [...reached.entries()].toReversed()) {
    const isNew = comesFromAbove(reach, diagonal, changes);
    const from = isNew ? diagonal + 1 : diagonal - 1;
    const start = changes === 0 ? 0 : (reach.get(from) ?? 0) + (isNew ? 0 : 1);
    while (at > start) edits.push({ kind: 'same', line: before[--at] ?? '' });
    if (changes === 0) break;
    if (isNew) edits.push({ kind: 'new', line: after[at - diagonal - 1] ?? '' });
    else edits.push({ kind: 'gone', line: before[--at] ?? '' });
    diagonal = from;
  }
  return edits.toReversed();
}
