import { resolve } from 'node:path';
import { failure } from '#base';
import type { Artifact, Found, Versions } from '#spec';
import { parseReference, resolveModel } from '#store';
import { versionFolders } from './version-folders.ts';

/** A model by its URI: the one version that its path means, or those that are chosen of a folder of numbered ones. */
export interface Wanted {
  readonly uri: string;
  readonly versions?: Versions | undefined;
}

/**
 * Where a model leads: a file that was read through for each of its versions. Throws what `resolveModel` throws, and
 * `model_ambiguous` for versions that are not there.
 */
export async function locate({ uri, versions }: Wanted, base: string): Promise<Found> {
  const root = pathOf(uri, base);
  if (versions === undefined) return { root, artifacts: [await resolveModel(uri, base)] };
  const artifacts: Artifact[] = [];
  for (const folder of await versionFolders(root, versions)) artifacts.push(await resolveModel(folder, base));
  return { root, artifacts };
}

/** The absolute path behind a URI. Throws `uri_unsupported`. */
export function pathOf(uri: string, base: string): string {
  const reference = parseReference(uri);
  if (reference.ok) return resolve(base, reference.value.path);
  throw failure('uri_unsupported', reference.error);
}
