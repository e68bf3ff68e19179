import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isVersionNumber, modelFilesOf, SAVED_MODEL } from '#spec';
import { localPath } from '#store';
import { holdsVersions } from './python-class.ts';

/** What a URI leads to, by how it is read. */
export interface Place {
  /** The absolute path. */
  readonly root: string;
  /** A model file, or a folder with one; or a folder of versions; or one whose files configure a model, or list several. */
  readonly kind: 'model' | 'versions' | 'configured' | 'repository';
}

/** The files that configure, of Triton and of TensorFlow Serving. */
const CONFIG = 'config.pbtxt';
const LIST = 'models.config';

/** The absolute path that a URI names. Throws `uri_invalid`. */
export function rootOf({ uri, base }: { readonly uri: string; readonly base: string }): string {
  return resolve(base, localPath(uri));
}

/** What lies at a path, where perhaps the author's class loads it; what is not there is taken for a model, which is then missing. */
export async function kindOf(root: string, named: string | undefined): Promise<Place['kind']> {
  if (named !== undefined) return (await holdsVersions(root, named)) ? 'versions' : 'model';
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => error.code);
  if (names === 'ENOTDIR') return /\.(config|pbtxt)$/.test(root) ? 'repository' : 'model';
  if (!Array.isArray(names)) return 'model';
  if (names.includes(CONFIG)) return 'configured';
  if (names.includes(LIST)) return 'repository';
  if (modelFilesOf(names).length > 0 || names.includes(SAVED_MODEL)) return 'model';
  const folders = await foldersIn(root, names);
  if (folders.some(isVersionNumber)) return 'versions';
  return folders.length === 0 ? 'model' : 'repository';
}

/** Visible folders, or links to one. */
async function foldersIn(root: string, names: readonly string[]): Promise<string[]> {
  const visible = names.filter(name => !name.startsWith('.'));
  const found = await Promise.all(visible.map(name => stat(join(root, name)).catch(() => undefined)));
  return visible.filter((_, at) => found[at]?.isDirectory());
}
