/** What must change so that a server serves what was found. */
import type { FoundModel } from './found.ts';
import type { ModelToServe } from './io/load.ts';
import type { VersionLabel } from './versions.ts';

/** What is to be done about one name. New versions are loaded before old ones leave, all of them or none. */
export interface Change {
  readonly name: string;
  /** Versions that are new, or not what they were. */
  readonly load: readonly ModelToServe[];
  /** Versions that are not wanted any more. */
  readonly unload: readonly ModelToServe[];
  /** Versions that stay as they are; the very objects of what there is. */
  readonly keep: readonly ModelToServe[];
  /** The labels it is to have, where they are not those it has. */
  readonly relabel?: readonly VersionLabel[];
}

/** What must change, by name; nothing for a name that is as it should be. */
export function plan(wanted: readonly FoundModel[], present: readonly FoundModel[]): readonly Change[] {
  const before = byName(present);
  const after = byName(wanted);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map(name => changeOf(after.get(name) ?? nothing(name), before.get(name) ?? nothing(name)))
    .filter(isAnything);
}

function byName(found: readonly FoundModel[]): ReadonlyMap<string, FoundModel> {
  return new Map(found.map(one => [one.name, one]));
}

function nothing(name: string): FoundModel {
  return { name, versions: [], labels: [] };
}

/** What must change of one name. */
export function changeOf(wanted: FoundModel, present: FoundModel): Change {
  const there = new Map(present.versions.map(one => [one.version, one]));
  const kept = new Map<string, ModelToServe>();
  for (const one of wanted.versions) {
    const old = there.get(one.version);
    if (old !== undefined && isSame(one, old)) kept.set(one.version, old);
  }
  const stays = new Set(wanted.versions.map(one => one.version));
  return {
    name: wanted.name,
    load: wanted.versions.filter(one => !kept.has(one.version)),
    unload: present.versions.filter(one => !stays.has(one.version)),
    keep: [...kept.values()],
    ...(labelText(wanted) !== labelText(present) && { relabel: wanted.labels }),
  };
}

function isAnything({ load, unload, relabel }: Change): boolean {
  return load.length > 0 || unload.length > 0 || relabel !== undefined;
}

/** Whether loading both would come to the same. */
export function isSame(a: ModelToServe, b: ModelToServe): boolean {
  return textOf(a) === textOf(b);
}

/** All that is said of it, whatever that comes to be. When its files were read says nothing of it. */
function textOf({ read: _read, ...model }: ModelToServe): string {
  const { settings = {}, warmup = [] } = model;
  return JSON.stringify(sorted({ ...model, settings, warmup }));
}

/** Members in one order, at every depth. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return members.map(([key, one]) => [key, sorted(one)]);
}

function labelText({ labels }: FoundModel): string {
  const pairs = labels.map(({ label, version }) => [label, version]);
  return JSON.stringify(pairs.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}
