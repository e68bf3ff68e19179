import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AppError, failure, messageOf } from '#base';
import { type Artifact, modelFilesOf, SAVED_MODEL } from '#spec';
import { identityFromPath, isVersion, parseReference } from '../reference.ts';

/** A model on this machine: its artifact, and the name its path suggests. */
export interface Resolved extends Artifact {
  readonly name: string;
}

export interface Resolving {
  /** The folder itself is the model, whatever lies in it. */
  readonly isWhole?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Finds the model behind a URI: its file, a folder with exactly one, a folder that is one itself (a SavedModel), or a folder of
 * numbered version folders, of which the highest is taken. Relative paths start at `base`.
 *
 * The digest covers what the model is read from, for weights may lie beside it (ONNX's external data). Of a folder that is
 * every file in the model's folder, hidden ones and folders within left out, and of a folder that is the model these too; of a
 * file it is that file, and beside it `<file>.data` and `<file>_data`, as exporters name them. Weights under another name count
 * only when the folder is named.
 *
 * Throws `uri_unsupported`, `file_missing`, `file_unreadable`, `model_ambiguous`, or the reason of the signal.
 */
export async function resolveModel(
  uri: string,
  base: string,
  { isWhole = false, signal }: Resolving = {},
): Promise<Resolved> {
  const reference = parseReference(uri);
  if (!reference.ok) throw failure('uri_unsupported', reference.error);
  const path = resolve(base, reference.value.path);
  const model = await modelAt(path, isWhole);
  const { root, files } = await partsOf(model, path);
  const digest = await digestOf(files, root, signal);
  return { path: model, digest, ...identityFromPath(model) };
}

async function modelAt(path: string, isWhole: boolean): Promise<string> {
  if (!(await isFolder(path))) return path;
  if (isWhole) return (await latestVersion(path)) ?? path;
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

/** Whether a path, or what it links to, is a folder. What is neither a folder nor a file may never end: refused. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(error => Promise.reject(unreadable(path, error)));
  if (found.isFile() || found.isDirectory()) return found.isDirectory();
  throw failure('file_unreadable', { path, problem: 'it is not a regular file' });
}

/** What a model is read from, and the folder that its names start at. */
interface Parts {
  readonly root: string;
  readonly files: readonly string[];
}

async function partsOf(model: string, named: string): Promise<Parts> {
  if (await isFolder(model)) return { root: model, files: await filesWithin(model) };
  const root = dirname(model);
  return { root, files: model === named ? await withWeights(model) : await filesBeside(model) };
}

/** A model file and its weights under the names that belong to it, where they are. */
async function withWeights(model: string): Promise<string[]> {
  return [model, ...(await regularFiles([`${model}.data`, `${model}_data`]))];
}

/** Every file of a model's folder, by name. */
async function filesBeside(model: string): Promise<string[]> {
  const folder = dirname(model);
  const names = await readdir(folder).catch(error => Promise.reject(unreadable(folder, error)));
  const visible = names.filter(name => !name.startsWith('.')).toSorted();
  return regularFiles(visible.map(name => join(folder, name)));
}

/** Every file of a folder that is a model, with those of the folders in it. What Python leaves there is no part of it. */
async function filesWithin(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(error =>
    Promise.reject(unreadable(folder, error)),
  );
  const own = names.filter(name =>
    name.split(sep).every(part => !part.startsWith('.') && part !== '__pycache__'),
  );
  return regularFiles(own.toSorted().map(name => join(folder, name)));
}

/** Those that are files, or links to one; reading a pipe might never end. */
async function regularFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(path => stat(path).catch(() => undefined)));
  return paths.filter((_, index) => found[index]?.isFile());
}

/** One file's digest is that of its bytes; of several it is that of the list of their names, sizes and digests. */
async function digestOf(files: readonly string[], root: string, signal?: AbortSignal): Promise<string> {
  const list: (readonly [name: string, size: number, hash: string])[] = [];
  for (const file of files) list.push([relative(root, file), ...(await readThrough(file, signal))]);
  const [first, second] = list;
  const whole = (): string => createHash('sha256').update(JSON.stringify(list)).digest('hex');
  return `sha256:${first !== undefined && second === undefined ? first[2] : whole()}`;
}

async function readThrough(
  file: string,
  signal?: AbortSignal,
): Promise<readonly [size: number, hash: string]> {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  try {
    await pipeline(stream, hash, { signal });
  } catch (error: unknown) {
    signal?.throwIfAborted();
    throw unreadable(file, error);
  }
  return [stream.bytesRead, hash.digest('hex')];
}

function unreadable(path: string, error: unknown): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'the model' }, error);
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}
