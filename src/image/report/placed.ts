import type { BuiltImage, BuiltLayer } from '../built.ts';
import type { LayerEntry } from '../layer-entry.ts';
import type { Recipe } from '../recipe.ts';

/** A file of an image, in one of its layers. */
export interface Placed {
  readonly path: string;
  /** Unpacked; 0 where nobody looked. */
  readonly bytes: number;
  /** Of all layers of the image, from 0. */
  readonly layer: number;
  /** What the layer is for. */
  readonly role: 'base' | BuiltLayer['role'];
  /** `kind:name` of the package that it is of, where one says so. */
  readonly owner?: string | undefined;
  /** A layer over it has the same path, so that nobody sees it. */
  readonly isReplaced: boolean;
}

/** An image of one platform, as rules look at it. */
export interface Laid {
  readonly image: BuiltImage;
  readonly recipe: Recipe;
  /** Files that have bytes, lowest layer first. */
  readonly files: readonly Placed[];
  /** Bytes of files that later layers of the base hide, by layer. */
  readonly hidden: readonly number[];
}

export function laidOf(image: BuiltImage, recipe: Recipe): Laid {
  const base = baseFiles(image);
  const own = image.layers.flatMap((layer, at) => ownFiles(image, layer, at));
  return {
    image,
    recipe,
    files: [...base, ...own].filter(({ bytes }) => bytes > 0),
    hidden: hiddenIn(image),
  };
}

function baseFiles({ base, layers }: BuiltImage): Placed[] {
  const over = pathsIn(layers);
  return [...base.contents.files].map(([path, { size, layer, owner }]) => ({
    path,
    bytes: size,
    layer,
    role: 'base',
    owner,
    isReplaced: over.has(path),
  }));
}

function ownFiles({ base, layers }: BuiltImage, layer: BuiltLayer, at: number): Placed[] {
  const over = pathsIn(layers.slice(at + 1));
  return layer.entries.map(entry => ({
    path: entry.path,
    bytes: bytesOf(entry, layer),
    layer: base.layers.length + at,
    role: layer.role,
    isReplaced: over.has(entry.path),
  }));
}

function bytesOf(entry: LayerEntry, { sizes }: BuiltLayer): number {
  if (entry.kind !== 'file') return 0;
  return sizes?.get(entry.path) ?? (typeof entry.from === 'string' ? 0 : entry.from.length);
}

/** A folder hides nothing of what is in it. */
function pathsIn(layers: readonly BuiltLayer[]): ReadonlySet<string> {
  return new Set(
    layers.flatMap(({ entries }) => entries.filter(({ kind }) => kind !== 'folder').map(({ path }) => path)),
  );
}

function hiddenIn({ base: { contents, layers } }: BuiltImage): number[] {
  const seen = layers.map(() => 0);
  for (const { size, layer } of contents.files.values()) seen[layer] = (seen[layer] ?? 0) + size;
  return layers.map((_, at) => Math.max(0, (contents.layerBytes?.[at] ?? 0) - (seen[at] ?? 0)));
}
