/** What an artifact on this machine is: the same manifest, and so the same digest, as if it had been fetched. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { failure } from '#base';
import { choosePaths } from '../choose.ts';
import { digestOf, type Manifest, type ManifestFile } from '../manifest.ts';
import { isPart } from '../parts.ts';
import type { Wanted } from '../store.ts';
import { hashing } from './hashing/hashing.ts';
import { filesWithin, isFolder, type Parts, partsOf } from './model-files.ts';
import { unreadable } from './unreadable.ts';

export interface LocalArtifact {
  readonly parts: Parts;
  /** The one version folder that is the artifact. */
  readonly within?: string | undefined;
  /** Several versions are asked for, which no one digest can pin. */
  readonly isSeveral: boolean;
}

/**
 * The manifest of what a path of this machine leads to. Throws `file_missing`, `file_unreadable`, `model_ambiguous` where several
 * versions are asked for, or the signal's reason.
 */
async function manifestOfPath(
  path: string,
  { versions, include, exclude, ...reading }: OfPath = {},
): Promise<Manifest> {
  const { parts, isSeveral } = await artifactAt(path, versions);
  if (isSeveral)
    throw failure('model_ambiguous', { path, found: 'it holds several versions, and each has a digest' });
  return manifestOfParts(chosenOf(path, parts, { include, exclude }), reading);
}

/** The files of the same, and the folder that their names start at. Throws `file_missing` or `model_ambiguous`. */
export async function filesAtPath(path: string, { versions, ...choosing }: Choosing = {}): Promise<Parts> {
  return chosenOf(path, (await artifactAt(path, versions)).parts, choosing);
}

/** What `include` and `exclude` leave of it, by the same paths as where it is fetched. Throws `model_ambiguous`. */
function chosenOf(path: string, { root, files }: Parts, choosing: Choosing): Parts {
  const named = files.includes(path) ? basename(path) : undefined;
  const base = named === undefined ? path : root;
  const names = files.map(file => relative(base, file).replaceAll(sep, '/'));
  const chosen = choosePaths(names, { ...choosing, versions: { all: {} } }, named);
  if (!chosen.ok) throw failure('model_ambiguous', { path, found: chosen.error });
  if (files.length === 0)
    throw failure('model_ambiguous', { path, found: 'it holds no file that is part of a model' });
  const kept = new Set(chosen.value.paths);
  return { root, files: files.filter((_, at) => kept.has(names[at] ?? '')) };
}

/** The digest to pin it by. Throws as `manifestOfPath` does. */
export async function digestOfPath(path: string, options: OfPath = {}): Promise<string> {
  return digestOf(await manifestOfPath(path, options));
}

/** A file of this machine, and its path in an artifact that is yet to be laid together. */
export interface PartAt {
  readonly path: string;
  readonly from: string;
}

/** The digest of the artifact that files will be, once they lie where they are to. Throws as `digestOfPath` does. */
export async function digestOfParts(parts: readonly PartAt[], reading: Reading = {}): Promise<string> {
  return digestOf(
    await manifestOf(
      parts.filter(({ path }) => isPart(path)),
      reading,
    ),
  );
}

/** What a path leads to: a file and its weights, a folder, or of numbered versions those asked for; the highest without. */
export async function artifactAt(path: string, versions?: Wanted['versions']): Promise<LocalArtifact> {
  if (!(await isFolder(path)))
    return { parts: await partsOf(path, { named: path, withCode: false }), isSeveral: false };
  const chosen = choosePaths(await outline(path), { versions });
  // A version that is not there is refused by whoever serves it, in words of its own.
  const { within, isSeveral } = chosen.ok ? chosen.value : { within: undefined, isSeveral: false };
  const root = within === undefined ? path : join(path, within);
  return { parts: { root, files: await filesWithin(root) }, within, isSeveral };
}

/** The paths of a folder as far as versions are told by them: links are followed, as Kubernetes mounts volumes by them. */
async function outline(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(error => Promise.reject(unreadable(folder, error)));
  const found = await Promise.all(
    names.map(async name => {
      const path = join(folder, name);
      const is = await stat(path).catch(() => undefined);
      if (is?.isDirectory() !== true) return is?.isFile() === true ? [name] : [];
      return (await readdir(path).catch(() => [])).map(within => `${name}/${within}`);
    }),
  );
  return found.flat();
}

/** What is known of a file, by its absolute path. */
export type Known = (path: string) => Pick<ManifestFile, 'size' | 'sha256'> | undefined;

export interface Reading {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (bytes: number) => void;
  /** Told which files there are, before they are read. */
  readonly seeing?: (files: readonly string[]) => void;
  /** A file that is known is not read. */
  readonly known?: Known | undefined;
}

type Choosing = Pick<Wanted, 'versions' | 'include' | 'exclude'>;
type OfPath = Reading & Choosing;

/** Reads files through. Throws `file_missing`, `file_unreadable`, or the signal's reason. */
export function manifestOfParts({ root, files }: Parts, reading: Reading): Promise<Manifest> {
  const parts = files.map(from => ({ path: relative(root, from).replaceAll(sep, '/'), from }));
  return manifestOf(parts, reading);
}

async function manifestOf(
  parts: readonly PartAt[],
  { signal, onBytes, seeing, known }: Reading,
): Promise<Manifest> {
  signal?.throwIfAborted();
  seeing?.(parts.map(({ from }) => from));
  const found: Manifest['files'][number][] = [];
  const waiting = parts.entries();
  const one = async (): Promise<void> => {
    for (const [at, { path, from: file }] of waiting) {
      const there = known?.(file);
      if (there !== undefined) {
        found[at] = { path, size: there.size, sha256: there.sha256 };
        continue;
      }
      const { size, hexes } = await hashing.file(file, { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw unreadable(file, error);
      });
      found[at] = { path, size, sha256: hexes[0] ?? '' };
      onBytes?.(size);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { files: found.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Files that are read at once. */
const AT_ONCE = 4;

/** The signatures that lie beside an artifact of this machine are in its folder. */
export function folderOfParts({ root, files }: Parts): string {
  const [first] = files;
  return files.length === 1 && first !== undefined ? dirname(first) : root;
}
