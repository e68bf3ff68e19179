import type { Locked } from './lock.ts';
import type { MarkerEnvironment } from './marker.ts';
import { holds } from './marker-value.ts';
import type { Metadata } from './metadata.ts';
import { type Requirement } from './requirement.ts';
import { admits, specifiersText } from './specifier.ts';

export interface Described {
  readonly locked: Pick<Locked, 'name' | 'version' | 'extras'>;
  readonly metadata: Pick<Metadata, 'requires'>;
}

/** What packages need and do not have among them, as sentences; each is asked with the extras that it is wanted with by any. */
export function missingOf(all: readonly Described[], environment: MarkerEnvironment): readonly string[] {
  const byName = new Map(all.map(one => [one.locked.name, one]));
  const extras = new Map(all.map(({ locked }) => [locked.name, new Set(locked.extras)]));
  const waiting = [...all];
  const problems = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const needed of neededBy(next, extras.get(next.locked.name) ?? new Set(), environment)) {
      const found = byName.get(needed.name);
      const problem = problemOf(next.locked, needed, found?.locked.version);
      if (problem !== undefined) problems.add(problem);
      // An extra that is asked for only now makes more be needed.
      if (found !== undefined && addAll(extras.get(needed.name), needed.extras)) waiting.push(found);
    }
  }
  return [...problems].toSorted();
}

function neededBy(
  { metadata }: Described,
  extras: ReadonlySet<string>,
  environment: MarkerEnvironment,
): readonly Requirement[] {
  const places = ['', ...extras].map(extra => ({ ...environment, extra }));
  return metadata.requires.filter(({ marker }) => places.some(place => holds(marker, place)));
}

function addAll(to: Set<string> | undefined, extras: readonly string[]): boolean {
  const added = extras.filter(extra => to?.has(extra) === false);
  for (const extra of added) to?.add(extra);
  return added.length > 0;
}

function problemOf(
  { name, version }: Described['locked'],
  needed: Requirement,
  locked: string | undefined,
): string | undefined {
  const wanted = `${needed.name}${specifiersText(needed.specifiers)}`;
  if (locked === undefined) return `${name} ${version} needs ${wanted}, which is not locked`;
  if (admits(needed.specifiers, locked)) return undefined;
  return `${name} ${version} needs ${wanted}, and ${locked} is locked`;
}
