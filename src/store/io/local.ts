import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '#base';
import { type Artifact, modelFilesOf, SAVED_MODEL } from '#spec';
import { identityFromPath, isVersion } from '../identity.ts';
import { localPath } from '../local-path.ts';
import { digestOf } from '../manifest.ts';
import { manifestOfParts, type Reading } from './local-manifest.ts';
import { isFolder, partsOf } from './model-files.ts';
import { explained, unreadable } from './unreadable.ts';

/** A model on this machine: its artifact, and the name its path suggests. */
export interface Resolved extends Artifact {
  readonly name: string;
}

export interface Resolving extends Pick<Reading, 'seeing' | 'known' | 'signal'> {
  /** The folder itself is the model, whatever lies in it. */
  readonly isWhole?: boolean;
  /** Modules of Python beside a model file are part of it: the author's code, which loads it. */
  readonly withCode?: boolean;
  /** What is known of it already: nothing is read. */
  readonly digest?: string | undefined;
}

/**
 * Finds the model behind a URI: its file, a folder with exactly one, a folder that is one itself (a SavedModel), or a folder of
 * numbered version folders, of which the highest is taken. Relative paths start at `base`.
 *
 * The digest is `digestOf` the artifact, the same whatever way that came here: of a folder all that is part of it (`isPart`), as
 * weights may lie beside the model (ONNX's external data); of a file it is that file, and beside it `<file>.data` and
 * `<file>_data`, as exporters name them. Weights under another name count only when the folder is named. With code, what Python
 * can import from beside the file counts too.
 *
 * Throws `uri_invalid`, `file_missing`, `file_unreadable`, `model_ambiguous`, or the reason of the signal.
 */
export async function resolveModel(
  uri: string,
  base: string,
  { isWhole = false, withCode = false, digest: known, ...reading }: Resolving = {},
): Promise<Resolved> {
  const path = resolve(base, localPath(uri));
  const model = await modelAt(path, isWhole).catch(error => Promise.reject(explained(error, uri, base)));
  const identity = identityFromPath(model);
  if (known !== undefined) return { path: model, digest: known, ...identity };
  const manifest = await manifestOfParts(await partsOf(model, { named: path, withCode }), reading);
  return { path: model, digest: digestOf(manifest), ...identity };
}

async function modelAt(path: string, isWhole: boolean): Promise<string> {
  if (!(await isFolder(path))) return path;
  if (isWhole) return path;
  const model = await onlyModel(path);
  if (model !== undefined) return model;
  const latest = await latestVersion(path);
  const versioned = latest === undefined ? undefined : await onlyModel(latest);
  if (versioned !== undefined) return versioned;
  throw failure('model_ambiguous', {
    path: latest ?? path,
    found: 'it holds no model file, such as model.onnx',
  });
}

/** The model of a folder, if it has one: a file, or itself. */
async function onlyModel(folder: string): Promise<string | undefined> {
  const isModel = (name: string): boolean => name === SAVED_MODEL || modelFilesOf([name]).length > 0;
  const files = await within(folder, isModel, 'files');
  if (files.includes(SAVED_MODEL)) return folder;
  const models = modelFilesOf(files);
  if (models.length > 1)
    throw failure('model_ambiguous', { path: folder, found: `it holds ${models.toSorted().join(', ')}` });
  return models[0] === undefined ? undefined : join(folder, models[0]);
}

async function latestVersion(folder: string): Promise<string | undefined> {
  const versions = await within(folder, isVersion, 'folders');
  const [latest] = versions.toSorted((a, b) => Number(BigInt(b) - BigInt(a)));
  return latest === undefined ? undefined : join(folder, latest);
}

/** The names in a folder that are wanted and are files, or folders. */
async function within(
  folder: string,
  isWanted: (name: string) => boolean,
  kind: 'files' | 'folders',
): Promise<string[]> {
  const names = await readdir(folder).catch(error => Promise.reject(unreadable(folder, error)));
  const wanted = names.filter(isWanted);
  const folders = await Promise.all(wanted.map(name => isFolder(join(folder, name))));
  return wanted.filter((_, index) => folders[index] === (kind === 'folders'));
}
