import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { failure } from '#base';
import { isBroken, type RepositoryModel, usualSettings } from '#server';
import type { Artifact, AskedUri, Found } from '#spec';
import { identityFromPath, type Resolved, resolveModel } from '#store';
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
export async function locate(
  { uri, versions, runtime }: Omit<AskedUri, 'path'>,
  base: string,
): Promise<Located> {
  const finder = await finderOf({ uri, versions, runtime, base, from: '' }, usualSettings);
  const { root, kind } = finder.place;
  const artifacts: Artifact[] = [];
  for (const model of await servable(finder))
    for (const { path } of model.versions) artifacts.push(await artifactOf(model, path, finder.place));
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

/** The digest covers how a model's own configuration lets it run. */
async function artifactOf(model: RepositoryModel, path: string, { kind }: Place): Promise<Artifact> {
  const found = model.versions.find(one => one.path === path);
  const resolved = kind === 'model' ? readBefore(path, found?.identity) : await throughFolder(path);
  const configured = [found?.settings, found?.warmup, model.labels.length > 0 ? model.labels : undefined];
  const isConfigured = configured.some(part => part !== undefined);
  const digest = isConfigured ? digestOf(JSON.stringify([resolved.digest, ...configured])) : resolved.digest;
  const version = model.policy === undefined ? resolved.version : found?.version;
  return { path, digest, name: model.name, ...(version !== undefined && { version }) };
}

/** A model that was read through to be found: its digest tells it from others. */
function readBefore(path: string, digest = ''): Pick<Artifact, 'digest' | 'version'> {
  return { ...identityFromPath(path), digest };
}

/** With every file beside the model, where it is the only one of its folder. */
function throughFolder(path: string): Promise<Resolved> {
  return resolveModel(dirname(path), '/').catch(() => resolveModel(path, '/'));
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
