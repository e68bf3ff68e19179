import { failure } from '#base';
import type { Built } from '../built.ts';
import type { Blob } from '../content.ts';
import { attachedTo, composeImage, contentOf, type Part } from '../oci/compose.ts';
import { platforms } from '../platform.ts';
import type { Recipe } from '../recipe.ts';
import { MOST_OCTAL } from '../tar/header.ts';
import { fetchingOf, type Ground, groundOf, layersOf, type RoleFiles } from './build/ground.ts';
import type { BuildOptions } from './build/options.ts';
import { BlobCache } from './cache/blob-cache.ts';
import { evict } from './cache/evict.ts';
import { type PackedLayer, packLayer } from './layers/pack.ts';
import { baseBlob } from './open-base.ts';

export type { BuildOptions } from './build/options.ts';

const QUOTA = 10 * 2 ** 30;

/**
 * Builds an image from its recipe: packs its layers, and writes its documents in memory. Bytes stay where they are, in the cache,
 * in files of models and in registries, until the content is written or pushed; so those must be left alone until then. Throws
 * `base_unusable`, `image_invalid`, `requirements_invalid`, `image_unwritable` (of the cache), what registries and files do, or the
 * signal's reason.
 */
export async function buildImage(recipe: Recipe, options: BuildOptions): Promise<Built> {
  refuseUnbuildable(recipe, options);
  const cache = await BlobCache.open(options.cache);
  const built = await new Build(recipe, options, cache).run();
  await evict(cache, options.quotaBytes ?? QUOTA);
  return built;
}

function refuseUnbuildable({ models }: Recipe, { epoch, platforms: wanted }: BuildOptions): void {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > MOST_OCTAL)
    throw failure('image_invalid', {
      subject: 'SOURCE_DATE_EPOCH',
      problem: `${epoch} is no time that files can have`,
      remedy: 'give seconds since 1970, as a whole number',
    });
  if (wanted.length === 0)
    throw failure('image_invalid', { subject: 'the image', problem: 'it is to be for no platform' });
  const empty = models.find(({ entries }) => entries.length === 0);
  if (empty !== undefined)
    throw failure('image_invalid', { subject: empty.title, problem: 'it has no files' });
}

/** One run of `buildImage`. */
class Build {
  readonly #recipe: Recipe;
  readonly #options: BuildOptions;
  readonly #cache: BlobCache;

  constructor(recipe: Recipe, options: BuildOptions, cache: BlobCache) {
    this.#recipe = recipe;
    this.#options = options;
    this.#cache = cache;
  }

  async run(): Promise<Built> {
    const recipe = this.#recipe;
    const grounds: Ground[] = [];
    for (const platform of platforms.filter(one => this.#options.platforms.includes(one)))
      grounds.push(
        await groundOf(platform, grounds[0], { recipe, options: this.#options, cache: this.#cache }),
      );
    const shared = await this.#packed(this.#sharedLayers());
    const parts: Part[] = [];
    for (const ground of grounds)
      parts.push(this.#part(ground, [...(await this.#packed(ground.layers)), ...shared]));
    const content = contentOf(parts as [Part, ...Part[]], recipe, this.#options.epoch);
    return { recipe, images: parts.map(({ image }) => image), content };
  }

  #sharedLayers(): readonly RoleFiles[] {
    const { program, settings, models } = this.#recipe;
    return [...layersOf({ program, settings }), ...models.map(files => ({ role: 'model', files }) as const)];
  }

  async #packed(layers: readonly RoleFiles[]): Promise<readonly PackedLayer[]> {
    const { epoch, random, signal, tell } = this.#options;
    const packed: PackedLayer[] = [];
    for (const { role, files } of layers)
      packed.push(await packLayer(role, files, { cache: this.#cache, epoch, random, signal, tell }));
    return packed;
  }

  #part({ base, node, recipe }: Ground, packed: readonly PackedLayer[]): Part {
    const { epoch, tool } = this.#options;
    const layers = packed.map(({ layer }) => layer);
    const unnamed = { platform: base.platform, base, layers, ...(node && { node }) };
    const { image, config } = composeImage(unnamed, recipe, epoch);
    const attached = attachedTo(image, { epoch, tool });
    const blobs = [config, ...this.#baseBlobs(base), ...packed.map(({ blob }) => blob), ...attached.blobs];
    return { image, attached: attached.documents, blobs };
  }

  #baseBlobs({ layers, name }: Ground['base']): Blob[] {
    const fetching = fetchingOf({ options: this.#options, cache: this.#cache });
    return layers.map(layer => baseBlob(layer, name, fetching));
  }
}
