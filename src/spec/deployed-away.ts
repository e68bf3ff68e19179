/** Models that are neither in an image nor looked at here: what a server is told of them, and how they come to it. */
import { awayForeign } from './away-foreign.ts';
import { awayOwn } from './away-own.ts';
import { subPathOf, volumeOf } from './away-uri.ts';
import { CLAIMS, MODELS } from './container.ts';
import { type ForeignKind, foreignKind } from './foreign-schema.ts';
import type { ModelSource, RepositorySource } from './model-schema.ts';
import type { Found, PlacedModel, Told } from './revision.ts';
import type { ModelService, Served } from './schema.ts';

/** A volume of a pod, or a part of it, with models. */
export interface ModelMount {
  readonly volume: { readonly claim: string } | { readonly image: string };
  /** Below the volume; empty for all of it. */
  readonly subPath: string;
  readonly path: string;
}

/** What is brought into a folder of a pod: `fairlead store pull URI --to FOLDER`. */
export interface Pull extends Pick<ModelSource, 'uri' | 'digest' | 'include' | 'exclude'> {
  readonly to: string;
}

export interface Away {
  readonly told: Told;
  /** As a server of others has to know them: its launch names them. */
  readonly models: readonly PlacedModel[];
  readonly mount?: ModelMount;
  readonly pull?: Pull;
  /** Fairlead's own server pulls it into its cache. */
  readonly isCached: boolean;
}

/** Of each source that was not found, in the order of the file. */
export function awayModels(
  { metadata, spec }: ModelService,
  served: Served,
  found: readonly (Found | undefined)[],
): Away[] {
  const kind = foreignKind(spec.runtime);
  const asVolume = spec.kubernetes.models === 'volume';
  const context = { service: metadata.name, asVolume };
  const { model, models, repository } = served;
  if (repository !== undefined)
    return found[0] === undefined ? [awayRepository(repository, kind, asVolume)] : [];
  const sources = model === undefined ? (models ?? []) : [model];
  const away = sources.filter((_, at) => found[at] === undefined);
  const own = { ...context, runtime: spec.runtime, isAlone: model !== undefined };
  return away.map(one => (kind === undefined ? awayOwn(one, own) : awayForeign(one, { ...context, kind })));
}

function awayRepository(
  repository: RepositorySource,
  kind: ForeignKind | undefined,
  asVolume: boolean,
): Away {
  const { uri } = repository;
  const volume = volumeOf(uri, asVolume);
  const isOwn = kind === undefined;
  const here: Told = { kind: 'repository', repository: { ...repository, uri: MODELS } };
  const there: Told = { kind: 'repository', repository };
  if (volume === undefined)
    return isOwn
      ? { told: there, models: [], isCached: true }
      : { told: here, models: [], pull: { uri, digest: undefined, to: MODELS }, isCached: false };
  if (isOwn && 'claim' in volume) {
    const mount = { volume, subPath: '', path: `${CLAIMS}/${volume.claim}` };
    return { told: there, models: [], mount, isCached: false };
  }
  const mount = { volume, subPath: subPathOf(uri, volume), path: MODELS };
  return { told: here, models: [], mount, isCached: false };
}
