/** What a repository holds, as a scan finds it. */

import type { FoundModel } from '../models/found.ts';
import type { ModelToServe } from '../models/io/load.ts';
import type { ModelSettings } from '../models/settings.ts';
import type { Note } from './note.ts';
import type { VersionPolicy } from './version-policy.ts';

export interface RepositoryVersion extends ModelToServe {
  /** Of outputs, the file of their classes' names, one a line. */
  readonly labelFiles?: Readonly<Record<string, string>>;
}

/** A version that lies there and is not served. */
export interface LeftVersion {
  readonly version: string;
  readonly why: string;
}

/** Where a setting comes from. */
export interface Origin {
  readonly setting: keyof ModelSettings;
  readonly field: string;
  /** As in a note. */
  readonly at?: string;
}

/** What was fetched, or read through because it is pinned. */
export interface ModelOrigin {
  /** Where it came from; undefined for a path. */
  readonly uri?: string;
  /** Of all that was asked for. */
  readonly digest: string;
  /** What a branch or tag stood for. */
  readonly revision?: string;
  readonly bytes: number;
  /** Whether all of it was here already. */
  readonly isCached: boolean;
}

export interface RepositoryModel extends FoundModel {
  readonly origin?: ModelOrigin;
  readonly versions: readonly RepositoryVersion[];
  readonly left: readonly LeftVersion[];
  /** How the versions were chosen; undefined where they have no numbers. */
  readonly policy: VersionPolicy | undefined;
  /** Where each setting that differs from the usual one comes from. */
  readonly origins: readonly Origin[];
  readonly notes: readonly Note[];
}

/** A model that cannot be served as it lies there; others are. */
export interface BrokenModel {
  readonly name: string;
  readonly problem: string;
}

export type ScannedModel = RepositoryModel | BrokenModel;

export function isBroken(model: ScannedModel): model is BrokenModel {
  return 'problem' in model;
}
