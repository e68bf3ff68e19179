import { createHash } from 'node:crypto';
import { failure } from '#base';
import { isBroken, type RepositoryModel, usualSettings } from '#server';
import type { Artifact, AskedUri, Found } from '#spec';
import { resolveModel } from '#store';
import { type Finder, finderOf } from './finder.ts';

/**
 * Where a URI of a service file leads: a file that was read through for each version of each model. Throws what says why
 * it cannot be served.
 */
export async function locate({ uri, versions }: Omit<AskedUri, 'path'>, base: string): Promise<Found> {
  const finder = await finderOf({ uri, versions, base, from: '' }, usualSettings);
  const { root, kind } = finder.place;
  const artifacts: Artifact[] = [];
  for (const model of await servable(finder))
    for (const { path } of model.versions)
      artifacts.push(await artifactOf(model, path, kind === 'model' ? root : path));
  return { root, artifacts, isConfigured: kind === 'configured' };
}

async function servable({ place, find }: Finder): Promise<readonly RepositoryModel[]> {
  const found = await find();
  const good = found.flatMap(one => (isBroken(one) ? [] : [one]));
  const [broken] = found.filter(isBroken);
  if (broken === undefined || (place.kind === 'repository' && good.length > 0)) return good;
  throw failure('model_ambiguous', { path: place.root, found: broken.problem });
}

/** The digest covers how a model's own configuration lets it run. */
async function artifactOf(model: RepositoryModel, path: string, named: string): Promise<Artifact> {
  const { digest, ...resolved } = await resolveModel(named, '/');
  const version = model.versions.find(one => one.path === path);
  const configured = [version?.settings, version?.warmup, model.labels.length > 0 ? model.labels : undefined];
  const isConfigured = configured.some(part => part !== undefined);
  const whole = isConfigured ? digestOf(JSON.stringify([digest, ...configured])) : digest;
  return { path: resolved.path, digest: whole, ...versionOf(model, version?.version), name: model.name };
}

function versionOf({ policy }: RepositoryModel, version: string | undefined): { version?: string } {
  return policy === undefined || version === undefined ? {} : { version };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
