/** Models in a container where fairlead's own server runs them: told one by one, and each with what it is to verify. */
import { basename, join, relative } from 'node:path';
import type { BakedModel, BakedModels, Configured, Lying, Pin } from './baked.ts';
import { MODELS, type Packed } from './container.ts';
import type { ModelEntry, RepositorySource } from './model-schema.ts';
import type { Placed } from './placed.ts';
import { effective } from './python-fields.ts';
import type { PlacedModel, Told } from './revision.ts';
import type { RuntimeOptions, Served } from './schema.ts';
import { isVersionNumber } from './versions.ts';

interface Baking {
  readonly served: Served;
  readonly runtime: RuntimeOptions;
  readonly lying: Lying;
}

/** A model, what it came from, and where it lies in the container. */
interface Lain {
  readonly source: Placed;
  readonly model: PlacedModel;
  readonly configured: Configured | undefined;
  /** What of this machine is packed where. */
  readonly from: string;
  readonly to: string;
  /** What its server is told. */
  readonly uri: string;
}

/** So many are told one by one, as far as one variable holds them; more of a repository are told as that, without digests. */
const MOST_TOLD = 500;

export function bakedOwn(sources: readonly Placed[], baking: Baking): BakedModels {
  const names = sources.flatMap(({ models }) => [...new Set(models.map(({ name }) => name))]);
  const isShared = (name: string): boolean => names.filter(one => one === name).length > 1;
  const lain = sources.flatMap(source =>
    source.models.map(model => lainIn(source, model, { ...baking, isShared })),
  );
  const told = toldOf(lain, baking);
  return {
    told,
    placed: lain.map(movedModel),
    models: lain.map(one => packedModel(one)),
    beside: besideOf(lain),
    pins: told.kind === 'repository' ? [] : pinsOf(lain),
  };
}

function lainIn(
  source: Placed,
  model: PlacedModel,
  { lying, isShared }: Baking & { readonly isShared: (name: string) => boolean },
): Lain {
  const { name, version, artifact } = model;
  const configured = lying.configured(artifact.path);
  if (configured !== undefined) {
    // A configuration may say the name of its folder, which is then what the folder must have.
    const folder = basename(configured.folder);
    const uri = name === folder && !isShared(name) ? `${MODELS}/${name}` : `${MODELS}/${name}/${folder}`;
    const isNumbered = configured.version !== undefined;
    const from = configured.version ?? configured.folder;
    return { source, model, configured, from, to: isNumbered ? `${uri}/${version}` : uri, uri };
  }
  const from = artifact.named ?? artifact.path;
  const folder = `${MODELS}/${name}/${version}`;
  const to = lying.isFile(from) ? `${folder}/${basename(from)}` : folder;
  return { source, model, configured, from, to, uri: to };
}

function movedModel({ model, from, to }: Lain): PlacedModel {
  const { artifact } = model;
  return { ...model, artifact: { ...artifact, path: join(to, relative(from, artifact.path)), named: to } };
}

function packedModel({ source, model, from, to }: Lain): BakedModel {
  const { name, version, artifact } = model;
  const python = source.source.runtime?.python;
  const withCode =
    artifact.loader !== undefined && (python?.class !== undefined || python?.allowUnsafeFormats === true);
  return { name, version, from, to, withCode };
}

/** Once for all versions of a model. */
function besideOf(lain: readonly Lain[]): Packed[] {
  const all = lain.flatMap(one => besideOne(one).map(packed => [packed.to, packed] as const));
  return [...new Map(all).values()];
}

function besideOne({ configured, uri }: Lain): Packed[] {
  if (configured?.version === undefined) return [];
  const { folder, beside } = configured;
  return beside.map(from => ({ from, to: join(uri, relative(folder, from)) }));
}

/** One digest pins one version: a configuration that serves several is told without. */
function pinsOf(lain: readonly Lain[]): Pin[] {
  const groups = [...Map.groupBy(lain, ({ uri }) => uri).values()];
  const alone = groups.filter(({ length }) => length === 1).flat();
  return alone.map(one => {
    const { model, configured, uri, from } = one;
    const beside = besideOne(one);
    return {
      uri,
      from,
      digest: configured === undefined ? model.artifact.pin : undefined,
      ...(beside.length > 0 && { beside }),
    };
  });
}

function toldOf(lain: readonly Lain[], baking: Baking): Told {
  const { repository } = baking.served;
  const isPlain = lain.every(
    ({ model, uri }) => isVersionNumber(model.version) && isWithin(uri, model) && !hasLabels(model),
  );
  if (repository !== undefined && lain.length > MOST_TOLD && isPlain)
    return { kind: 'repository', repository: { uri: MODELS, versions: { all: {} } } };
  // A configuration is told once, and chooses among its versions itself.
  const firsts = new Set([...Map.groupBy(lain, ({ uri }) => uri).values()].map(([first]) => first));
  return {
    kind: 'entries',
    entries: lain.filter(one => firsts.has(one)).map(one => entryOf(one, baking)),
  };
}

function isWithin(uri: string, { name }: PlacedModel): boolean {
  return uri === `${MODELS}/${name}` || uri.startsWith(`${MODELS}/${name}/`);
}

function hasLabels({ artifact }: PlacedModel): boolean {
  return (artifact.labels ?? []).length > 0;
}

function entryOf(one: Lain, { served: { repository }, runtime }: Baking): ModelEntry {
  const { source, model, configured, uri } = one;
  const { name, version } = model;
  const { include: _in, exclude: _out, digest: _whole, name: _name, ...said } = source.source;
  const own: Partial<Omit<ModelEntry, 'name'>> =
    repository === undefined ? said : { ...pythonOf(model, runtime), ...versionsOf(repository) };
  if (configured !== undefined) return { ...own, name, uri };
  const { versions: _chosen, labels: _all, ...plain } = own;
  const labels = labelsOf(one);
  return { ...plain, name, version, uri, ...(labels && { labels }) };
}

function versionsOf({ versions }: RepositorySource): Pick<ModelEntry, 'versions'> {
  return versions === undefined ? {} : { versions };
}

/** Of a repository nothing is said of one model alone. */
function pythonOf(
  { artifact: { loader } }: PlacedModel,
  { python }: RuntimeOptions,
): Pick<ModelEntry, 'runtime'> {
  if (loader === undefined || python === undefined) return {};
  return { runtime: { python: effective(python, loader) } };
}

/** The file's stand with the first of its versions, a list's each with its own. */
function labelsOf({ source, model }: Lain): Readonly<Record<string, string>> | undefined {
  const listed = (model.artifact.labels ?? []).map(label => [label, model.version] as const);
  const said = model === source.models[0] ? source.source.labels : {};
  const labels = { ...said, ...Object.fromEntries(listed) };
  return Object.keys(labels).length === 0 ? undefined : labels;
}
