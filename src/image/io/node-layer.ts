import { createHash } from 'node:crypto';
import { layerEntries } from '#store';
import type { BaseImage } from '../base-image.ts';
import { type ImageName, imageText } from '../image-name.ts';
import { LEAST_VERSION, NODE, type NodeProgram, nodeIn, nodeProblem } from '../node.ts';
import type { LayerFiles } from '../recipe.ts';
import type { Fetching } from './base/fetch-blob.ts';
import { unusable } from './base/read-image.ts';
import { noteDown, noted } from './cache/layer-index.ts';
import { baseBlob, openBase } from './open-base.ts';
import type { Written } from './writing.ts';

export interface NodeOfImage {
  /** Without the slash before it. */
  readonly path: string;
  /** Where it is not the base's. */
  readonly layer?: { readonly files: LayerFiles; readonly from: ImageName };
}

/**
 * The Node that an image over this base runs: the base's own, or the program out of another image, kept in the cache. Throws
 * `base_unusable` where the base cannot run that, or the other image has none.
 */
export async function nodeFor(base: BaseImage, node: ImageName, fetching: Fetching): Promise<NodeOfImage> {
  const own = nodeIn(base);
  if (own !== undefined) return { path: own.path };
  const problem = nodeProblem(base.contents, base.platform);
  if (problem !== undefined) throw unusable(base.name, problem);
  const image = await openBase(node, base.platform, fetching);
  const found = nodeIn(image);
  if (found === undefined)
    throw unusable(image.name, `Node is to be taken out of it, and it has none of ${LEAST_VERSION} or later`);
  const { digest } = await programOf(image, found, fetching);
  return {
    path: NODE,
    layer: { from: image.name, files: layerOf(fetching.cache.path(digest), found.version) },
  };
}

function layerOf(from: string, version: string): LayerFiles {
  return {
    title: `node ${version}`,
    entries: [{ kind: 'file', path: NODE, from, isProgram: true }],
    packages: [{ kind: 'generic', name: 'node', version }],
  };
}

/** Taken out once, and then read through each time: what goes into an image is what was in the other. */
async function programOf(image: BaseImage, node: NodeProgram, fetching: Fetching): Promise<Written> {
  const { cache, signal } = fetching;
  const layer = image.layers[image.contents.files.get(node.path)?.layer ?? -1];
  const key = `${layer?.diffId.slice('sha256:'.length)}.${createHash('sha256').update(node.path).digest('hex')}`;
  return cache.alone(key, fetching, async () => {
    const had = await noted(cache, key);
    if (had !== undefined && (await cache.isSound(had, signal))) return had;
    const made = await extracted(image, node.path, key, fetching);
    await noteDown(cache, key, made);
    return made;
  });
}

/** All of the layer is read: it is then known to be whole. */
async function extracted(
  image: BaseImage,
  path: string,
  name: string,
  { cache, signal, ...fetching }: Fetching,
): Promise<Written> {
  const layer = image.layers[image.contents.files.get(path)?.layer ?? -1];
  if (layer === undefined) throw unusable(image.name, `no layer of it has ${path}`);
  const blob = baseBlob(layer, image.name, { ...fetching, cache, signal });
  let program: Written | undefined;
  const called = imageText(image.name);
  for await (const entry of layerEntries({ called, mediaType: blob.mediaType, bytes: blob.open(0, signal) }))
    if (entry.kind === 'file' && withoutDot(entry.name) === path)
      program = await cache.put(entry.bytes(), name);
  if (program === undefined) throw unusable(image.name, `${path} is no plain file in the layer that has it`);
  return program;
}

function withoutDot(name: string): string {
  return name.replace(/^\.?\//, '');
}
