import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { isVersionNumber, modelFilesOf, SAVED_MODEL } from '#spec';
import { type Held, identityFromPath, type Known, redacted, type Wanted } from '#store';
import type { Asked } from './asked-models.ts';
import { isElsewhere } from './model-store.ts';
import { holdsVersions } from './python-class.ts';
import { written } from './written.ts';

/** What a URI leads to, by how it is read. */
export interface Place {
  /** The absolute path: the URI's own, or one in the cache. */
  readonly root: string;
  readonly held: Held;
  /** What it is called in messages: the path, or where it was fetched from. */
  readonly called: string;
  /** A model file, or a folder with one; or a folder of versions; or one whose files configure a model, or list several. */
  readonly kind: 'model' | 'versions' | 'configured' | 'repository';
}

/** The files that configure, of Triton and of TensorFlow Serving. */
const CONFIG = 'config.pbtxt';
const LIST = 'models.config';

/** What is asked of the store for it. */
export function wantedOf(
  asked: Pick<Asked, Exclude<keyof Wanted, 'allowUnsafeFormats'> | 'usualPython' | 'runtime'>,
): Wanted {
  const { uri, base, digest, include, exclude, versions, usualPython, runtime } = asked;
  const { allowUnsafeFormats = false } = { ...usualPython, ...runtime?.python };
  return { uri, base, digest, include, exclude, versions: versions && written(versions), allowUnsafeFormats };
}

/** Whether it was fetched: its path is then one of the cache, and tells nothing. */
export function isFetched({ root, spoken }: Held): boolean {
  return root !== spoken;
}

/** What it is called in messages. */
export function calledOf(held: Held): string {
  return originOf(held) ?? held.root;
}

/** Where it was fetched from, without secrets; undefined for what lies here. */
export function originOf(held: Held): string | undefined {
  return isFetched(held) && isElsewhere(held.uri) ? redacted(held.uri) : undefined;
}

/** A path of what is held, as it would be where that comes from: it tells names and versions. */
export function spokenAt({ root, spoken }: Held, path: string): string {
  const below = relative(root, path);
  const version = basename(spoken);
  // Of a folder of versions the one that was fetched is spoken of, and lies in a folder of its own.
  const isVersion = isVersionNumber(version) && (below === version || below.startsWith(`${version}/`));
  return join(isVersion ? dirname(spoken) : spoken, below);
}

/** The name and version that its own place tells. */
export function identityAt(held: Held, path: string): ReturnType<typeof identityFromPath> {
  return identityFromPath(spokenAt(held, path));
}

/** What the store has read already; undefined where it has read nothing. */
export function knownIn({ manifest, root }: Held): Known | undefined {
  if (manifest === undefined) return undefined;
  const files = new Map(manifest.files.map(file => [file.path, file]));
  const base = files.has(basename(root)) ? dirname(root) : root;
  return path => {
    const below = relative(base, path);
    const [first = '', ...rest] = below.split('/');
    return files.get(below) ?? (isVersionNumber(first) ? files.get(rest.join('/')) : undefined);
  };
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
