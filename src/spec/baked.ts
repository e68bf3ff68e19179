/** A revision whose models lie in a container, and what of this machine is to lie where for it. */
import { bakedForeign } from './baked-foreign.ts';
import { bakedOwn } from './baked-own.ts';
import type { Packed } from './container.ts';
import { foreignKind } from './foreign-schema.ts';
import { placedOf } from './placed.ts';
import {
  type Found,
  type ModelIdentity,
  type PlacedModel,
  type Revision,
  type Role,
  revisionName,
  revisionOf,
  type Told,
} from './revision.ts';
import type { ModelService, Served } from './schema.ts';
import { servedBy } from './served-by.ts';

/** A version of a model, and where it lies: a file with what belongs to it, or a folder with all of it. */
export interface BakedModel extends ModelIdentity, Packed {
  /** Modules of Python beside a file are part of it. */
  readonly withCode: boolean;
}

/** What a server is told to verify: all that a path of the container leads to, which lies here at another. */
export interface Pin {
  readonly uri: string;
  readonly from: string;
  /** Where it is known already. */
  readonly digest: string | undefined;
  /** What else lies below that path: a server reads it as one with the version, and verifies both. */
  readonly beside?: readonly Packed[];
}

/** Models in a container, and what its server is told of them. */
export interface BakedModels {
  readonly told: Told;
  /** As its server finds them. */
  readonly placed: readonly PlacedModel[];
  readonly models: readonly BakedModel[];
  /** What belongs to all versions of a model. */
  readonly beside: readonly Packed[];
  readonly pins: readonly Pin[];
}

export interface Baked extends Pick<BakedModels, 'models' | 'beside' | 'pins'> {
  readonly revision: Revision;
}

/** What is known of the paths of this machine. */
export interface Lying {
  readonly isFile: (path: string) => boolean;
  /** Of a model's path, where its folder has a configuration that its server reads. */
  readonly configured: (path: string) => Configured | undefined;
}

export interface Configured {
  readonly folder: string;
  /** That of the version in it, where it has numbers. */
  readonly version: string | undefined;
  /** All else in the folder but versions. */
  readonly beside: readonly string[];
}

/** A service as its file has it, the same in a container, and which of its revisions is baked. */
export interface Baking {
  readonly written: ModelService;
  readonly inside: ModelService;
  readonly role: Role;
  readonly found: readonly Found[];
  readonly lying: Lying;
}

/** Models that change while a server runs elsewhere stay as they are in the container. */
export function bakedRevision({ written, inside, role, found, lying }: Baking): Baked {
  const { runtime, server, capacity, policy } = inside.spec;
  const { told, placed, ...rest } = bakedModels(inside, servedBy(inside, role), { found, lying });
  const name = nameInImage(written, servedBy(written, role), { found });
  const notice = capacity?.spot?.notice;
  return { ...rest, revision: { name, models: placed, told, away: told, runtime, server, notice, policy } };
}

/** What one revision serves, in a container. */
export function bakedModels(
  inside: ModelService,
  served: Served,
  { found, lying }: Pick<Baking, 'found' | 'lying'>,
): BakedModels {
  const { runtime } = inside.spec;
  const kind = foreignKind(runtime);
  const sources = placedOf(inside, served, found);
  return kind === undefined
    ? bakedOwn(sources, { served, runtime, lying })
    : bakedForeign(sources, { served, kind, lying });
}

/** The same, told what to verify: digests by the paths of the container. */
export function pinned(revision: Revision, digests: ReadonlyMap<string, string>): Revision {
  if (revision.told.kind === 'repository') return revision;
  const entries = revision.told.entries.map(entry => {
    const digest = digests.get(entry.uri);
    return digest === undefined ? entry : { ...entry, digest };
  });
  const told = { ...revision.told, entries };
  return { ...revision, told, away: told };
}

/** What else decides what a server in a container runs, beside its file and what was found here. */
export interface Elsewhere {
  /** The image that its pods run. */
  readonly image?: string | undefined;
  /** What its server is told of models that were not looked at. */
  readonly away?: readonly unknown[] | undefined;
}

/**
 * That of the revision which the file means wherever it lies: nothing of this machine is part of it. Nothing moves in an image, so
 * the bytes of its models decide.
 */
export function nameInImage(
  written: ModelService,
  served: Served,
  { found, ...elsewhere }: Pick<Baking, 'found'> & Elsewhere,
): string {
  const { told, models } = revisionOf(written, served, found);
  return revisionName(written, { told, models, isMoving: false, ...elsewhere });
}
