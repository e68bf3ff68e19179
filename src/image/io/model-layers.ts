/** Models of this machine as layers of an image, and what is told of them to be verified there. */
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Baked, BakedModel, Packed, Pin } from '#spec';
import { digestOfParts, digestOfPath, modelFiles, type PartAt } from '#store';
import type { LayerEntry } from '../layer-entry.ts';
import type { ModelFiles } from '../recipe.ts';
import { bytesOf, filesBelow, isHidden, type LyingFile } from './files-below.ts';

/** A layer for each version of each model. Throws as the store does where a file cannot be read. */
export async function modelLayers(
  { models }: Baked,
  digests: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly ModelFiles[]> {
  const layers: ModelFiles[] = [];
  for (const model of models) {
    const digest = digests.get(model.from) ?? (await digestOfPath(model.from, { signal }));
    layers.push(await layerOf(model, digest));
  }
  return layers;
}

async function layerOf(model: BakedModel, digest: string): Promise<ModelFiles> {
  const { name, version } = model;
  const entries = await entriesOf(model);
  const bytes = await bytesOf(entries);
  const sha256 = digest.replace('sha256:', '');
  return {
    name,
    version,
    digest,
    title: `${name} ${version}`,
    entries,
    packages: [{ kind: 'model', name, version, sha256, bytes }],
  };
}

/** Just what its digest covers: no hidden files, and no signatures. */
async function entriesOf({ from, to, withCode }: BakedModel): Promise<LayerEntry[]> {
  const files = await modelFiles(from, withCode);
  const isFile = (await stat(from)).isFile();
  const [base, place] = isFile ? [dirname(from), dirname(to)] : [from, to];
  if (files.length === 0) return [{ kind: 'folder', path: place.slice(1) }];
  return files.map(file => ({
    kind: 'file',
    path: join(place, relative(base, file)).slice(1),
    from: file,
  }));
}

/** What is pinned, by its path in the container and by that on this machine. What is known is not read again. */
export async function digestsOf(
  pins: readonly Pin[],
  signal: AbortSignal,
): Promise<{ readonly byUri: ReadonlyMap<string, string>; readonly byPath: ReadonlyMap<string, string> }> {
  const byUri = new Map<string, string>();
  const byPath = new Map<string, string>();
  for (const pin of pins) {
    const { uri, from, digest } = pin;
    const found = digest ?? byPath.get(from) ?? (await digestOfPath(from, { signal }));
    byPath.set(from, found);
    byUri.set(uri, pin.beside === undefined ? found : await digestOfParts(await partsAt(pin), { signal }));
  }
  return { byUri, byPath };
}

/** All that will lie below the path of a pin, by the paths from there. */
async function partsAt({ uri, from, beside = [] }: Pin): Promise<PartAt[]> {
  const version = await modelFiles(from, false);
  const lain = await packedFiles(beside, []);
  const parts = lain.map(one => ({ path: relative(uri, `/${one.path}`), from: one.from }));
  return [...version.map(file => ({ path: relative(dirname(from), file), from: file })), ...parts];
}

/**
 * What a file names beside its models: files, or folders with what is not hidden in them, but for models that have layers, and for
 * what is `never` to be in an image: paths of this machine, by which names and links ever it is reached.
 */
export async function packedFiles(
  packed: readonly Packed[],
  models: readonly ModelFiles[],
  never: readonly string[] = [],
): Promise<readonly LyingFile[]> {
  const own = models.flatMap(({ entries }) =>
    entries.flatMap(one => (one.kind === 'file' ? [one.from] : [])),
  );
  const isOfModel = new Set(own);
  const entries: LyingFile[] = [];
  for (const { from, to } of packed) {
    const isLeftOut = (path: string): boolean => isHidden(path) || isOfModel.has(join(from, path));
    const found = await filesBelow(from, { to: to.slice(1), isLeftOut });
    entries.push(...(await without(found, never)));
  }
  return entries;
}

async function without(files: readonly LyingFile[], never: readonly string[]): Promise<LyingFile[]> {
  if (never.length === 0) return [...files];
  const real = (path: string): Promise<string> => realpath(path).catch(() => path);
  const left = await Promise.all(never.map(real));
  const kept: LyingFile[] = [];
  for (const file of files) {
    const path = await real(file.from);
    if (!left.some(one => path === one || path.startsWith(`${one}/`))) kept.push(file);
  }
  return kept;
}
