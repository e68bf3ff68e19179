import { failure, type Random } from '#base';
import type { RegistryReader } from '#store';
import type { BaseImage } from '../base-image.ts';
import type { About } from '../bom/sbom.ts';
import type { Built, BuiltImage, LayerRole } from '../built.ts';
import type { Blob, Content, Described } from '../content.ts';
import type { ImageName } from '../image-name.ts';
import { NODE, withNodeAt } from '../node.ts';
import { attachedTo, composeImage, composeIndex } from '../oci/compose.ts';
import { type Platform, platforms } from '../platform.ts';
import type { LayerFiles, Recipe } from '../recipe.ts';
import { MOST_OCTAL } from '../tar/header.ts';
import type { Fetching } from './base/fetch-blob.ts';
import { BlobCache } from './cache/blob-cache.ts';
import { evict } from './cache/evict.ts';
import { type PackedLayer, packLayer } from './layers/pack.ts';
import { type NodeOfImage, nodeFor } from './node-layer.ts';
import { baseBlob, openBase } from './open-base.ts';
import { gatherRequirements } from './requirements.ts';

export interface BuildProgress {
  /** What is done now, for people: `fetch …`, `read …`, `pack …`. */
  readonly phase: string;
  /** Bytes. */
  readonly done: number;
  readonly total: number | undefined;
}

export interface BuildOptions {
  readonly platforms: readonly Platform[];
  /** A folder that blobs are kept in from one build to the next; several builds may use it at once. */
  readonly cache: string;
  /** Bytes that its blobs may have after a build; 10 GiB without. */
  readonly quotaBytes?: number;
  readonly open: (name: ImageName) => Promise<RegistryReader>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time of everything in the image: seconds since 1970. */
  readonly epoch: number;
  readonly tool: About['tool'];
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell?: ((progress: BuildProgress) => void) | undefined;
}

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

/** What a platform has for itself, gathered before anything is packed: what is wrong is told before gigabytes are read. */
interface Ground {
  readonly base: BaseImage;
  readonly node?: ImageName;
  /** With the entry point as it is on this base. */
  readonly recipe: Recipe;
  readonly layers: readonly RoleFiles[];
}

interface RoleFiles {
  readonly role: LayerRole;
  readonly files: LayerFiles;
}

/** The image of one platform, and all that it consists of. */
interface Part {
  readonly image: BuiltImage;
  readonly attached: readonly Described[];
  readonly blobs: readonly Blob[];
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
    const grounds: Ground[] = [];
    for (const platform of platforms.filter(one => this.#options.platforms.includes(one)))
      grounds.push(await this.#ground(platform, grounds[0]));
    const shared = await this.#packed(this.#sharedLayers());
    const parts: Part[] = [];
    for (const ground of grounds)
      parts.push(this.#part(ground, [...(await this.#packed(ground.layers)), ...shared]));
    return {
      recipe: this.#recipe,
      images: parts.map(({ image }) => image),
      content: this.#content(parts as [Part, ...Part[]]),
    };
  }

  /** What tags stood for on the first platform, they stand for on all. */
  async #ground(platform: Platform, first: Ground | undefined): Promise<Ground> {
    const base = await openBase(first?.base.name ?? this.#recipe.base, platform, this.#fetching);
    const dependencies = this.#recipe.dependencies?.(platform);
    const { path, layer } = await this.#node(base, first?.node ?? this.#recipe.node);
    const requirements = await this.#requirements(base);
    return {
      base,
      ...(layer && { node: layer.from }),
      recipe: withNodeAt(path, this.#recipe),
      layers: layersOf({ runtime: layer?.files, requirements, dependencies }),
    };
  }

  async #node(base: BaseImage, node: ImageName | undefined): Promise<NodeOfImage> {
    return node === undefined ? { path: NODE } : nodeFor(base, node, this.#fetching);
  }

  async #requirements(base: BaseImage): Promise<LayerFiles | undefined> {
    const { requirements } = this.#recipe;
    if (requirements === undefined) return undefined;
    const { cache, environment, random, signal, tell } = this.#options;
    const at = { base, cache, environment, random, signal, ...(tell && { tell }) };
    return gatherRequirements(requirements, at);
  }

  #sharedLayers(): readonly RoleFiles[] {
    const { program, settings, models } = this.#recipe;
    return [...layersOf({ program, settings }), ...models.map(files => ({ role: 'model', files }) as const)];
  }

  async #packed(layers: readonly RoleFiles[]): Promise<readonly PackedLayer[]> {
    const { epoch, signal, tell } = this.#options;
    const packed: PackedLayer[] = [];
    for (const { role, files } of layers)
      packed.push(await packLayer(role, files, { cache: this.#cache, epoch, signal, tell }));
    return packed;
  }

  #part({ base, node, recipe }: Ground, packed: readonly PackedLayer[]): Part {
    const { epoch, tool } = this.#options;
    const layers = packed.map(({ layer }) => layer);
    const unnamed = { platform: base.platform, base, layers, ...(node && { node }) };
    const { image, config } = composeImage(unnamed, recipe, epoch);
    const attached = attachedTo(image, { epoch, tool });
    const below = base.layers.map(layer => baseBlob(layer, base.name, this.#fetching));
    const blobs = [config, ...below, ...packed.map(({ blob }) => blob), ...attached.blobs];
    return { image, attached: attached.documents, blobs };
  }

  #content(parts: readonly [Part, ...Part[]]): Content {
    const [first, ...others] = parts.map(({ image }) => image) as [BuiltImage, ...BuiltImage[]];
    const isOne = others.length === 0;
    const manifests = isOne ? [] : [first, ...others].map(({ manifest }) => manifest);
    const blobs = new Map(parts.flatMap(part => part.blobs).map(blob => [blob.digest, blob]));
    return {
      top: isOne ? first.manifest : composeIndex([first, ...others], this.#recipe, this.#options.epoch),
      documents: [...manifests, ...parts.flatMap(({ attached }) => attached)],
      blobs: [...blobs.values()],
    };
  }

  get #fetching(): Fetching {
    const { open, random, signal, tell } = this.#options;
    return { cache: this.#cache, open, random, signal, tell };
  }
}

/** In the order of the keys; what is left out, or has no files, is no layer. */
function layersOf(
  byRole: Readonly<Partial<Record<LayerRole, LayerFiles | undefined>>>,
): readonly RoleFiles[] {
  return Object.entries(byRole).flatMap(([role, files]) =>
    files === undefined || files.entries.length === 0 ? [] : [{ role: role as LayerRole, files }],
  );
}
