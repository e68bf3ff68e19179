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
import { type Resolved, resolveModel } from '#store';
import { type Finder, finderOf } from './finder.ts';
import type { Place } from './locate.ts';

/** What a URI leads to, and whether that is a folder of models. */
export interface Located extends Found {
  readonly isRepository: boolean;
}

/**
 * Where a URI of a service file leads: a file that was read through for each version of each model. Throws what says why
 * it cannot be served.
 */
export async function locate({ path: from, ...wanted }: AskedUri, base: string): Promise<Located> {
  const finder = await finderOf({ ...wanted, base, from }, usualSettings);
  const { root, kind } = finder.place;
  const artifacts: Artifact[] = [];
  for (const model of await servable(finder))
    for (const version of model.versions) artifacts.push(await artifactOf(model, version, finder.place));
  return { root, artifacts, isConfigured: kind === 'configured', isRepository: kind === 'repository' };
}

async function servable(finder: Finder): Promise<readonly RepositoryModel[]> {
  const { place } = finder;
  const found = await finder.find();
  const good = found.flatMap(one => (isBroken(one) ? [] : [one]));
  const [broken] = found.filter(isBroken);
  if (broken === undefined || (place.kind === 'repository' && good.length > 0)) return good;
  throw failure('model_ambiguous', { path: place.root, found: broken.problem });
}

/** The digest covers how a model's own configuration lets it run; what the service file says is told beside it. */
async function artifactOf(
  model: RepositoryModel,
  { version, path, settings, warmup, identity = '', python }: RepositoryVersion,
  { kind }: Place,
): Promise<Artifact> {
  // What was read through to be found is told from others by its digest.
  const digest = kind === 'model' ? identity : (await throughFolder(path, python)).digest;
  const configured = [settings, warmup, model.labels.length > 0 ? model.labels : undefined];
  const isConfigured =
    (kind === 'configured' || kind === 'repository') && configured.some(part => part !== undefined);
  return {
    path,
    digest: isConfigured ? digestOf(JSON.stringify([digest, ...configured])) : digest,
    name: model.name,
    version,
    ...(python && { loader: python.loader }),
  };
}

/** With every file beside the model, where it is the only one of its folder; with all that lies in a folder that is one. */
async function throughFolder(path: string, python: PythonModel | undefined): Promise<Resolved> {
  if (python !== undefined && python.folder === path) return resolveModel(path, '/', { isWhole: true });
  const withCode = python?.allowUnsafeFormats ?? false;
  return resolveModel(dirname(path), '/', { withCode }).catch(() => resolveModel(path, '/', { withCode }));
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
