/** The versions of one name: which of them is meant, by number, by label, or by neither. */
import type { ModelIdentity } from '#spec';
import type { ServedModel } from './signature.ts';

/**
 * Where a version stands; only one that is ready is asked. One that is cold is known, and loaded when it is asked for; while
 * that goes on it is waking.
 */
export type ModelState = 'cold' | 'waking' | 'loading' | 'ready' | 'unloading' | 'unavailable';

/** One version of a model. */
export interface Entry<T extends ServedModel> {
  readonly identity: ModelIdentity;
  readonly state: ModelState;
  /** What answers, or answered until it was told to unload. */
  readonly served?: T;
  /** Why it is unavailable, or what its load failed with when it is cold. */
  readonly reason?: string;
}

/** A name that clients may use in place of a version, so that another version can take its place unseen. */
export interface VersionLabel extends ModelIdentity {
  readonly label: string;
}

/** All that there is of one name, arranged so that a request looks up and does not search. */
export interface Versions<T extends ServedModel> {
  readonly entries: readonly Entry<T>[];
  /** Those that are, or will be, ready, the latest first: what was unloaded is as if it had never been there. */
  readonly present: readonly Entry<T>[];
  /** What is meant where no version is said: the latest that answers, or else the latest. */
  readonly latest: Entry<T> | undefined;
  /** The labels as they are wanted. */
  readonly wanted: readonly VersionLabel[];
  /** The version that each label stands for now. */
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Arranges the versions of a name. A label moves only to a version that answers; until then it stays where it was, and one
 * that was nowhere goes where it is wanted.
 */
export function arrange<T extends ServedModel>(
  entries: readonly Entry<T>[],
  wanted: readonly VersionLabel[],
  before: ReadonlyMap<string, string>,
): Versions<T> {
  const present = entries
    .filter(({ state }) => state !== 'unloading' && state !== 'unavailable')
    .toSorted((a, b) => compareVersions(b.identity.version, a.identity.version));
  const latest = present.find(answers) ?? present[0];
  const isAnswered = (version: string | undefined): boolean =>
    present.some(entry => entry.identity.version === version && answers(entry));
  const labels = wanted.map(({ label, version }) => {
    const stays = before.get(label);
    const moves = stays === undefined || isAnswered(version) || !isAnswered(stays);
    return [label, moves ? version : stays] as const;
  });
  return { entries, present, latest, wanted, labels: new Map(labels) };
}

/** Whether a request to a version is answered, if after a while. */
export function answers({ state, reason }: Entry<ServedModel>): boolean {
  return state === 'ready' || state === 'waking' || (state === 'cold' && reason === undefined);
}

/** Numbers by value, before anything else by text; so 10 is after 9, and numbered versions are after named ones. */
export function compareVersions(a: string, b: string): number {
  const [aNumber, bNumber] = [a, b].map(text => (/^\d+$/.test(text) ? BigInt(text) : undefined));
  if (aNumber !== undefined && bNumber !== undefined)
    return aNumber < bNumber ? -1 : aNumber > bNumber ? 1 : 0;
  if (aNumber !== undefined) return 1;
  if (bNumber !== undefined) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
