import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { failure } from '#base';
import {
  isBroken,
  type PythonModel,
  type RepositoryModel,
  type RepositoryVersion,
  usualSettings,
} from '#server';
import type { Artifact, AskedUri, Found } from '#spec';
import { type Held, resolveModel } from '#store';
import { type Finder, finderOf } from './finder.ts';
import { identityAt, isFetched, knownIn, type Place } from './locate.ts';
import type { ModelStore } from './model-store.ts';

/** What a URI leads to, and whether that is a folder of models. */
export interface Located extends Found {
  readonly isRepository: boolean;
  /** The name that its own place tells. */
  readonly called: string;
}

/**
 * Where a URI of a service file leads: a file that was read through for each version of each model. Throws what says why
 * it cannot be served.
 */
export async function locate(
  { path: from, ...wanted }: AskedUri,
  base: string,
  store: ModelStore,
): Promise<Located> {
  const finder = await finderOf({ ...wanted, base, from }, usualSettings, store);
  const { root, kind, held } = finder.place;
  const artifacts: Artifact[] = [];
  for (const model of await servable(finder))
    for (const version of model.versions) artifacts.push(await artifactOf(model, version, finder.place));
  const called = identityAt(held, root).name;
  return {
    root,
    artifacts,
    called,
    ...(held.digest !== undefined && { digest: held.digest }),
    isVersioned: kind === 'versions',
    isConfigured: kind === 'configured',
    isRepository: kind === 'repository',
  };
}

async function servable(finder: Finder): Promise<readonly RepositoryModel[]> {
  const { place } = finder;
  const found = await finder.find();
  const good = found.flatMap(one => (isBroken(one) ? [] : [one]));
  const [broken] = found.filter(isBroken);
  if (broken === undefined || (place.kind === 'repository' && good.length > 0)) return good;
  throw failure('model_ambiguous', { path: place.called, found: broken.problem });
}

/** The digest covers how a model's own configuration lets it run; what the service file says is told beside it. */
async function artifactOf(
  model: RepositoryModel,
  { version, path, settings, warmup, identity = '', python }: RepositoryVersion,
  { kind, root, held }: Place,
): Promise<Artifact> {
  // What was read through to be found is told from others by its digest.
  const { named, digest } =
    kind === 'model' ? { named: root, digest: identity } : await throughFolder(path, python, held);
  const configured = [settings, warmup, model.labels.length > 0 ? model.labels : undefined];
  // Where a file names the model, that has the labels.
  const labels = kind === 'repository' ? model.labels.filter(one => one.version === version) : [];
  const isConfigured =
    (kind === 'configured' || kind === 'repository') && configured.some(part => part !== undefined);
  return {
    path,
    named,
    digest: isConfigured ? digestOf(JSON.stringify([digest, ...configured])) : digest,
    name: model.name,
    version,
    ...(held.digest !== undefined && { pin: named === root ? held.digest : digest }),
    ...(python && { loader: python.loader }),
    ...(labels.length > 0 && { labels: labels.map(({ label }) => label) }),
  };
}

/** With every file beside the model, where it is the only one of its folder; with all that lies in a folder that is one. */
async function throughFolder(
  path: string,
  python: PythonModel | undefined,
  held: Held,
): Promise<{ readonly named: string; readonly digest: string }> {
  const known = isFetched(held) ? knownIn(held) : undefined;
  const read = async (named: string, how: { isWhole?: true; withCode?: boolean }) => {
    const { digest } = await resolveModel(named, '/', { ...how, ...(known && { known }) });
    return { named, digest };
  };
  if (python !== undefined && python.folder === path) return read(path, { isWhole: true });
  const withCode = python?.allowUnsafeFormats ?? false;
  return read(dirname(path), { withCode }).catch(() => read(path, { withCode }));
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
