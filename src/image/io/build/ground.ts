import type { BaseImage } from '../../base-image.ts';
import type { LayerRole } from '../../built.ts';
import { type ImageName, imageText } from '../../image-name.ts';
import { NODE, withNodeAt } from '../../node.ts';
import type { Platform } from '../../platform.ts';
import type { LayerFiles, Recipe } from '../../recipe.ts';
import type { Fetching } from '../base/fetch-blob.ts';
import type { BlobCache } from '../cache/blob-cache.ts';
import { type NodeOfImage, nodeFor } from '../node-layer.ts';
import { openBase } from '../open-base.ts';
import { gatherRequirements } from '../requirements.ts';
import type { BuildOptions } from './options.ts';

/** What a platform has for itself, gathered before anything is packed: what is wrong is told before gigabytes are read. */
export interface Ground {
  readonly base: BaseImage;
  readonly node?: ImageName;
  /** With the entry point as it is on this base. */
  readonly recipe: Recipe;
  readonly layers: readonly RoleFiles[];
}

export interface RoleFiles {
  readonly role: LayerRole;
  readonly files: LayerFiles;
}

export interface Gathering {
  readonly recipe: Recipe;
  readonly options: BuildOptions;
  readonly cache: BlobCache;
}

/** What tags stood for on the first platform, they stand for on all. */
export async function groundOf(
  platform: Platform,
  first: Ground | undefined,
  gathering: Gathering,
): Promise<Ground> {
  const { recipe, options } = gathering;
  const name = first?.base.name ?? recipe.base;
  options.tell?.({ phase: `look into ${imageText(name)}`, done: 0, total: undefined });
  const base = await openBase(name, platform, fetchingOf(gathering));
  const dependencies = recipe.dependencies?.(platform);
  const { path, layer } = await nodeOn(base, first?.node ?? recipe.node, gathering);
  const requirements = await requirementsOn(base, gathering);
  return {
    base,
    ...(layer && { node: layer.from }),
    recipe: withNodeAt(path, recipe),
    layers: layersOf({ runtime: layer?.files, requirements, dependencies }),
  };
}

export function fetchingOf({ options, cache }: Pick<Gathering, 'options' | 'cache'>): Fetching {
  const { open, random, signal, tell } = options;
  return { cache, open, random, signal, tell };
}

async function nodeOn(
  base: BaseImage,
  node: ImageName | undefined,
  gathering: Gathering,
): Promise<NodeOfImage> {
  return node === undefined ? { path: NODE } : nodeFor(base, node, fetchingOf(gathering));
}

async function requirementsOn(
  base: BaseImage,
  { recipe: { requirements }, options }: Gathering,
): Promise<LayerFiles | undefined> {
  if (requirements === undefined) return undefined;
  const { cache, environment, random, signal, tell } = options;
  return gatherRequirements(requirements, {
    base,
    cache,
    environment,
    random,
    signal,
    ...(tell && { tell }),
  });
}

/** In the order of the keys; what is left out, or has no files, is no layer. */
export function layersOf(
  byRole: Readonly<Partial<Record<LayerRole, LayerFiles | undefined>>>,
): readonly RoleFiles[] {
  return Object.entries(byRole).flatMap(([role, files]) =>
    files === undefined || files.entries.length === 0 ? [] : [{ role: role as LayerRole, files }],
  );
}
