/** Models in a container where a server of others runs them: a folder for each, and in that one for each version. */
import { basename } from 'node:path';
import type { BakedModel, BakedModels, Lying } from './baked.ts';
import { MODELS, type Packed } from './container.ts';
import type { ForeignKind } from './foreign-schema.ts';
import type { ModelEntry } from './model-schema.ts';
import type { Placed } from './placed.ts';
import type { PlacedModel, Told } from './revision.ts';
import type { Served } from './schema.ts';

interface Baking {
  readonly served: Served;
  readonly kind: ForeignKind;
  readonly lying: Lying;
}

/** None of these servers verifies what it loads, so nothing is pinned. */
export function bakedForeign(sources: readonly Placed[], { served, kind, lying }: Baking): BakedModels {
  const models = sources.flatMap(one => one.models.map(model => movedModel(model, lying)));
  const placed = sources.flatMap(one => one.models.map(model => placedIn(model, lying)));
  return {
    told: toldOf(sources, { served, kind, lying }),
    placed,
    models,
    beside: besideOf(sources),
    pins: [],
  };
}

function placeOf({ name, version, artifact }: PlacedModel, { isFile }: Lying): string {
  const folder = `${MODELS}/${name}/${version}`;
  return isFile(artifact.path) ? `${folder}/${basename(artifact.path)}` : folder;
}

function movedModel(model: PlacedModel, lying: Lying): BakedModel {
  const { name, version, artifact } = model;
  return { name, version, from: artifact.path, to: placeOf(model, lying), withCode: false };
}

function placedIn(model: PlacedModel, lying: Lying): PlacedModel {
  const beside = model.artifact.beside?.map(path => besideIn(model, path));
  const path = placeOf(model, lying);
  return { ...model, artifact: { ...model.artifact, path, ...(beside && { beside }) } };
}

function besideIn({ name }: PlacedModel, path: string): string {
  return `${MODELS}/${name}/${basename(path)}`;
}

/** Versions of a model have the same beside them. */
function besideOf(sources: readonly Placed[]): Packed[] {
  const all = sources.flatMap(({ models }) =>
    models.flatMap(model =>
      (model.artifact.beside ?? []).map(from => [besideIn(model, from), from] as const),
    ),
  );
  return [...new Map(all)].map(([to, from]) => ({ from, to }));
}

function toldOf(sources: readonly Placed[], { served: { repository }, kind, lying }: Baking): Told {
  const [first] = sources.flatMap(({ models }) => models);
  if (repository === undefined)
    return { kind: 'entries', entries: sources.flatMap(one => entriesOf(one, lying)) };
  const uri = kind === 'custom' && first !== undefined ? placeOf(first, lying) : MODELS;
  return { kind: 'repository', repository: { ...repository, uri } };
}

function entriesOf({ source, models }: Placed, lying: Lying): ModelEntry[] {
  const { versions: _chosen, labels, digest: _whole, include: _in, exclude: _out, ...rest } = source;
  return models.map((model, at) => ({
    ...rest,
    name: model.name,
    version: model.version,
    uri: placeOf(model, lying),
    ...(at === 0 && labels !== undefined && { labels }),
  }));
}
