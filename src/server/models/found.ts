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
