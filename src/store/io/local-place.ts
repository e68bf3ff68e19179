import { resolve } from 'node:path';
import { localPath } from '../local-path.ts';
import type { Asked } from './asked.ts';
import type { Setting } from './setting.ts';

/** The path that a model is used in place at; undefined for one that is fetched. */
export async function localPlace(
  { volume, environment }: Setting,
  { wanted, reference }: Asked,
): Promise<string | undefined> {
  if (reference.scheme === 'file') return resolve(wanted.base, localPath(wanted.uri));
  return reference.scheme === 'pvc' ? volume(reference, wanted.uri, environment) : undefined;
}
