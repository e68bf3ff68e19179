import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { isPart } from '../parts.ts';
import { unreadable } from './unreadable.ts';

/** What a model is read from, and the folder that its names start at. */
export interface Parts {
  readonly root: string;
  /** By name, by code unit. */
  readonly files: readonly string[];
}

export interface Naming {
  /** The path that the user named: the model itself, or a folder that holds it. */
  readonly named: string;
  /** Whether modules of Python beside the model are part of it. */
  readonly withCode: boolean;
}

/** What a digest covers. */
export async function partsOf(model: string, { named, withCode }: Naming): Promise<Parts> {
  if (await isFolder(model)) return { root: model, files: await filesWithin(model) };
  const root = dirname(model);
  if (model !== named) return { root, files: await filesWithin(root) };
  const code = withCode ? await codeIn(root) : [];
  return { root, files: [...new Set([...(await withWeights(model)), ...code])].toSorted() };
}

/**
 * The files that a model is read from each time that it is loaded: all of a folder, of a file that and its weights, and where
 * it `withCode` has some the modules beside it. Throws as `resolveModel` does.
 */
export async function modelFiles(path: string, withCode: boolean): Promise<readonly string[]> {
  return (await partsOf(path, { named: path, withCode })).files;
}

/** Whether a path, or what it links to, is a folder. What is neither a folder nor a file may never end: refused. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(error => Promise.reject(unreadable(path, error)));
  if (found.isFile() || found.isDirectory()) return found.isDirectory();
  throw unreadable(path, new Error('it is not a regular file'));
}

/** A model file and its weights under the names that belong to it, where they are. */
async function withWeights(model: string): Promise<string[]> {
  return [model, ...(await regularFiles([`${model}.data`, `${model}_data`]))];
}

/** Every part of a model's folder, with those of the folders in it. */
export async function filesWithin(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(error =>
    Promise.reject(unreadable(folder, error)),
  );
  const parts = names.filter(name => isPart(name.replaceAll(sep, '/')));
  return regularFiles(parts.toSorted().map(name => join(folder, name)));
}

/** What can be imported from a folder: its modules, and all of the folders in it that hold some. */
async function codeIn(folder: string): Promise<string[]> {
  const names = (await namesIn(folder)).filter(isPart);
  const within = await Promise.all(names.map(name => packageAt(join(folder, name))));
  return [...(await regularFiles(names.filter(isModule).map(name => join(folder, name)))), ...within.flat()];
}

async function packageAt(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => []);
  return names.some(isModule) ? filesWithin(path) : [];
}

function isModule(name: string): boolean {
  return extname(name) === '.py';
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(error => Promise.reject(unreadable(folder, error)));
  return names.toSorted();
}

/** Those that are files, or links to one; reading a pipe might never end. */
async function regularFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(path => stat(path).catch(() => undefined)));
  return paths.filter((_, index) => found[index]?.isFile());
}
