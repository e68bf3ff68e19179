import { failure } from '#base';
import { type DockerContext, dockerContext } from '../docker/context.ts';
import type { Health } from '../docker/health-check.ts';
import type { ImageName } from '../image-name.ts';
import { NODE, nodeIn, withNodeAt } from '../node.ts';
import { imageAnnotations } from '../oci/annotations.ts';
import { type Platform, platforms } from '../platform.ts';
import type { Recipe } from '../recipe.ts';
import { readImage } from './base/read-image.ts';
import type { BuildOptions } from './build/options.ts';
import { BlobCache } from './cache/blob-cache.ts';
import { openBase } from './open-base.ts';

/** What a build is told, and what the command at the top of the Dockerfile makes. */
export type ContextAsked = BuildOptions & { readonly image: ImageName | undefined };

/**
 * The Dockerfile and the context of what `buildImage` builds, with its bases pinned as they are now. Throws what that throws, and
 * `image_invalid` for what no Dockerfile can say.
 */
export async function contextOf(recipe: Recipe, asked: ContextAsked): Promise<DockerContext> {
  const fetching = { ...asked, cache: await BlobCache.open(asked.cache) };
  const wanted = platforms.filter(one => asked.platforms.includes(one));
  const first: Platform = wanted[0] ?? platforms[0];
  const base = await openBase(recipe.base, first, fetching);
  for (const platform of wanted.slice(1)) await readImage(base.name, platform, fetching);
  const own = nodeIn(base);
  const node =
    own === undefined && recipe.node !== undefined
      ? (await readImage(recipe.node, first, fetching)).name
      : undefined;
  const { epoch, tool, image } = asked;
  const health = healthOf(recipe, own?.path ?? NODE);
  // A Dockerfile says one thing for all platforms: of several it is the index that the base is.
  const digest = wanted.length > 1 ? (base.name.digest ?? base.digest) : base.digest;
  const context = dockerContext(withNodeAt(own?.path ?? NODE, recipe), {
    bases: { base: base.name, node },
    platforms: wanted,
    epoch,
    tool,
    image,
    annotations: imageAnnotations(recipe.annotations, { base: base.name, digest, epoch }),
    health,
  });
  if (!context.ok) throw failure('image_invalid', context.error);
  return context.value;
}

/** Of fairlead's own servers, where they tell it without TLS: whoever asks trusts no authority of theirs. */
function healthOf({ healthPort }: Recipe, path: string): Health | undefined {
  return healthPort === undefined
    ? undefined
    : { node: `/${path}`, url: `http://127.0.0.1:${healthPort}/health` };
}
