/** What may be asked of the models of a server as a whole: which there are, what they have done, and others in their place. */
import type { ModelIdentity } from '#spec';
import type { StatisticsSnapshot } from '../statistics/model-statistics.ts';

/** One version, as the index tells of it; a word of OIP/V2's. */
export interface IndexEntry extends ModelIdentity {
  readonly state: 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
  /** Why it is unavailable, otherwise empty. */
  readonly reason: string;
}

export interface ServedStatistics extends ModelIdentity, StatisticsSnapshot {}

export interface Repository {
  /** Whether clients may load and unload. */
  readonly controlled: boolean;
  index(): readonly IndexEntry[];
  /**
   * Statistics of one version, of every ready one of a name, or of all. Throws `model_unknown`, `version_unknown` or
   * `model_not_ready`.
   */
  statistics(wanted?: { readonly name: string; readonly version?: string }): readonly ServedStatistics[];
  /**
   * Loads a model again from where its name leads now; until that is ready, and when it fails, what there was goes on.
   * Throws `control_forbidden`, `load_failed`, `model_not_ready` while the server starts, `overloaded`,
   * `deadline_exceeded` or `draining`.
   */
  load(name: string): Promise<void>;
  /**
   * Takes a model out of service; requests that it has are answered. Resolves before the last of them is. Throws as
   * `load` does, and `model_unknown`.
   */
  unload(name: string): Promise<void>;
}
