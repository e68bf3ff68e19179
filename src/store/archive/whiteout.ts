import { err, ok, type Result } from '#base';
import { namesOf, placeOf } from './place.ts';

/** What an entry of an image's layer removes of the layers before it. */
export interface Whiteout {
  /** A path below the folder that is taken; '' for that folder. */
  readonly path: string;
  /** The folder stays and what is in it goes, or the path goes with all below it. */
  readonly isWithin: boolean;
}

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** What a file system keeps for itself. */
const HOUSEKEEPING = '.wh..wh.';

/** Whether an entry is no file, but a mark that removes some: OCI image specification, layers, "Whiteouts". */
export function isMark(name: string): boolean {
  const names = namesOf(name);
  return names.at(-1)?.startsWith(PREFIX) === true || names.some(one => one.startsWith(HOUSEKEEPING));
}

/** Reads a mark; undefined for one that removes nothing of what is taken, or is only the housekeeping of a file system. */
export function whiteoutOf(name: string, below: readonly string[]): Result<Whiteout | undefined, string> {
  const names = namesOf(name);
  const last = names.pop() ?? '';
  if (last === OPAQUE) return within(names, below);
  const removed = last.slice(PREFIX.length);
  if ([...names, last].some(one => one.startsWith(HOUSEKEEPING))) return ok(undefined);
  if (namesOf(removed).length === 0 || removed === '..') return err('removes no name');
  const path = [...names, removed];
  // The folder that is taken, or one above it, goes: and is made again by whatever comes into it.
  return isPrefix(path, below) ? within(path, below) : placed(path, below, false);
}

function within(folder: readonly string[], below: readonly string[]): Result<Whiteout | undefined, string> {
  return isPrefix(folder, below) ? ok({ path: '', isWithin: true }) : placed(folder, below, true);
}

function placed(
  names: readonly string[],
  below: readonly string[],
  isWithin: boolean,
): Result<Whiteout | undefined, string> {
  const place = placeOf(names.join('/'), below);
  if (!place.ok) return place;
  return ok(place.value === undefined ? undefined : { path: place.value, isWithin });
}

function isPrefix(names: readonly string[], below: readonly string[]): boolean {
  return names.length <= below.length && names.every((name, index) => name === below[index]);
}
