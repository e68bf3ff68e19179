import type { ModelToServe } from './io/load.ts';
import type { VersionLabel } from './versions.ts';

/** One name of a repository, with the versions that are to be served of it and the labels that stand for them. */
export interface FoundModel {
  readonly name: string;
  readonly versions: readonly ModelToServe[];
  readonly labels: readonly VersionLabel[];
}

/** Where models lie now. */
export interface ModelSource {
  /** Every name there is. Throws when it cannot be told; then all stays as it is. */
  all(): Promise<readonly FoundModel[]>;
  /** One name; undefined when there is none. */
  named(name: string): Promise<FoundModel | undefined>;
  /** Told after a change what is read from now on: what lies elsewhere and came before may be let go. */
  used?(paths: readonly string[]): void;
}

/** Models and labels by name. */
export function foundModels(
  models: readonly ModelToServe[],
  labels: readonly VersionLabel[],
): readonly FoundModel[] {
  const names = Map.groupBy(models, model => model.name);
  return Array.from(names, ([name, versions]) => ({
    name,
    versions,
    labels: labels.filter(label => label.name === name),
  }));
}

/**
 * A list of models that stays as it is; what each name leads to is looked up anew where there is a way to. A
 * name of which that cannot be told stays as it was, and keeps no other from changing.
 */
export function listedSource(
  found: readonly FoundModel[],
  resolve?: (name: string) => Promise<readonly ModelToServe[]>,
): ModelSource {
  const lookUp = async (one: FoundModel): Promise<FoundModel> =>
    resolve === undefined ? one : { ...one, versions: await resolve(one.name) };
  // As each name was when it could last be told.
  const known = new Map<string, FoundModel>();
  const lookAgain = async (one: FoundModel): Promise<FoundModel> => {
    const now = await lookUp(one).catch(() => known.get(one.name) ?? one);
    known.set(one.name, now);
    return now;
  };
  return {
    all: () => Promise.all(found.map(lookAgain)),
    named: async name => {
      const one = found.find(other => other.name === name);
      return one && lookUp(one);
    },
  };
}
