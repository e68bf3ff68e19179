/** Models that are neither in an image nor looked at here: what a server is told of them, and how they come to it. */
import { basename } from 'node:path';
import { CLAIMS, MODELS } from './container.ts';
import { type ForeignKind, foreignKind } from './foreign-schema.ts';
import type { ModelEntry, ModelSource, RepositorySource } from './model-schema.ts';
import type { Found, PlacedModel, Told } from './revision.ts';
import type { ModelService, RuntimeOptions, Served } from './schema.ts';

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
  const context = { service: metadata.name, runtime: spec.runtime, asVolume };
  const { model, models, repository } = served;
  if (repository !== undefined)
    return found[0] === undefined ? [awayRepository(repository, kind, asVolume)] : [];
  const sources = model === undefined ? (models ?? []) : [model];
  const away = sources.filter((_, at) => found[at] === undefined);
  return away.map(one => (kind === undefined ? awayOwn(one, context) : awayForeign(one, kind, context)));
}

interface Context {
  readonly service: string;
  readonly runtime: RuntimeOptions;
  readonly asVolume: boolean;
}

/** Fairlead's own server knows claims and URIs by itself; only an image volume has to be told as a path. */
function awayOwn(source: ModelSource | ModelEntry, { service, runtime, asVolume }: Context): Away {
  const name = source.name ?? service;
  const entry: ModelEntry = { ...withPython(source, runtime), name };
  const volume = volumeOf(source.uri, asVolume);
  if (volume === undefined) return { told: entriesOf([entry]), models: [], isCached: true };
  if ('claim' in volume) {
    const mount = { volume, subPath: '', path: `${CLAIMS}/${volume.claim}` };
    return { told: entriesOf([entry]), models: [], mount, isCached: false };
  }
  const path = `${MODELS}/${name}/${versionOf(source)}`;
  const { include: _in, exclude: _out, ...rest } = entry;
  return {
    told: entriesOf([{ ...rest, uri: path }]),
    models: [],
    mount: { volume, subPath: '', path },
    isCached: false,
  };
}

/** Where its formats are not known, what is said of Python for all models is said of each. */
function withPython(source: ModelSource | ModelEntry, { python }: RuntimeOptions): ModelSource | ModelEntry {
  if (python === undefined || source.uri.endsWith('.onnx')) return source;
  return { ...source, runtime: { ...source.runtime, python: { ...python, ...source.runtime?.python } } };
}

/** A server of others finds its models as in an image: a folder for each version. */
function awayForeign(
  source: ModelSource | ModelEntry,
  kind: ForeignKind,
  { service, asVolume }: Context,
): Away {
  const { uri, digest, include, exclude } = source;
  const name = source.name ?? service;
  const version = versionOf(source);
  const to = `${MODELS}/${name}/${version}`;
  const volume = volumeOf(uri, asVolume);
  const isFile = kind === 'custom' && volume === undefined && /\.\w+$/.test(basename(uri));
  const path = isFile ? `${to}/${basename(uri)}` : to;
  const { include: _in, exclude: _out, digest: _pin, versions: _chosen, ...rest } = source;
  return {
    told: entriesOf([{ ...rest, name, version, uri: path }]),
    models: [{ name, version, artifact: { path, digest: digest ?? '' } }],
    ...(volume === undefined
      ? { pull: { uri, digest, include, exclude, to } }
      : { mount: { volume, subPath: subPathOf(uri, volume), path: to } }),
    isCached: false,
  };
}

function awayRepository(
  repository: RepositorySource,
  kind: ForeignKind | undefined,
  asVolume: boolean,
): Away {
  const { uri } = repository;
  const volume = volumeOf(uri, asVolume);
  const isOwn = kind === undefined;
  if (volume === undefined)
    return {
      told: { kind: 'repository', repository: isOwn ? repository : { ...repository, uri: MODELS } },
      models: [],
      isCached: isOwn,
      ...(!isOwn && { pull: { uri, digest: undefined, to: MODELS } }),
    };
  const claimed = isOwn && 'claim' in volume;
  return {
    told: { kind: 'repository', repository: claimed ? repository : { ...repository, uri: MODELS } },
    models: [],
    mount: claimed
      ? { volume, subPath: '', path: `${CLAIMS}/${volume.claim}` }
      : { volume, subPath: subPathOf(uri, volume), path: MODELS },
    isCached: false,
  };
}

function entriesOf(entries: readonly ModelEntry[]): Told {
  return { kind: 'entries', entries };
}

/** That of the file, or of a numbered folder at the end of the URI; the digest's start where there is none of these. */
function versionOf({ version, uri, digest }: ModelSource | ModelEntry): string {
  const [, numbered] = /\/(\d+)(?:\/[^/]*\.[^/]*)?\/?(?:[?#].*)?$/.exec(uri) ?? [];
  return version ?? numbered ?? digest?.replace('sha256:', '').slice(0, 8) ?? '1';
}

function volumeOf(uri: string, asVolume: boolean): ModelMount['volume'] | undefined {
  const [, claim] = /^pvc:\/\/([^/]+)/i.exec(uri) ?? [];
  if (claim !== undefined) return { claim };
  const [, image] = /^oci:\/\/([^?#]+)/i.exec(uri) ?? [];
  return asVolume && image !== undefined ? { image } : undefined;
}

function subPathOf(uri: string, volume: ModelMount['volume']): string {
  if (!('claim' in volume)) return '';
  return uri.replace(/^pvc:\/\/[^/]+/i, '').replaceAll(/^\/+|\/+$/g, '');
}
