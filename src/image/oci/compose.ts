/** The documents of an image, out of what was packed for it. */
import type { BaseImage } from '../base-image.ts';
import type { About } from '../bom/about.ts';
import { provenanceOf } from '../bom/provenance.ts';
import { sbomOf } from '../bom/sbom.ts';
import type { BuiltImage, BuiltLayer } from '../built.ts';
import type { Blob, Content, Described } from '../content.ts';
import type { Recipe } from '../recipe.ts';
import { dateOf, imageAnnotations, layerAnnotations } from './annotations.ts';
import {
  artifactOf,
  blobOf,
  emptyConfig,
  indexOf,
  manifestOf,
  type PlatformPointer,
  type Pointer,
  pointerTo,
} from './documents.ts';
import { imageConfigOf } from './image-config.ts';
import { jsonBytes } from './json.ts';
import { CONFIG, IN_TOTO, SPDX } from './media-types.ts';

export type Unnamed = Omit<BuiltImage, 'manifest'>;

/** The manifest of one platform, and the configuration that it names. */
export function composeImage(
  image: Unnamed,
  recipe: Recipe,
  epoch: number,
): { image: BuiltImage; config: Blob } {
  const { base, layers } = image;
  const annotations = imageAnnotations(recipe.annotations, { base: base.name, digest: base.digest, epoch });
  const configured = {
    base: base.config,
    layers,
    run: recipe.run,
    labels: annotations,
    created: dateOf(epoch),
  };
  const config = blobOf(CONFIG, jsonBytes(imageConfigOf(configured)));
  const pointers = [
    ...base.layers.map(({ descriptor }) => pointer(descriptor)),
    ...ownLayers(layers, recipe),
  ];
  return { image: { ...image, manifest: manifestOf(config, pointers, annotations) }, config };
}

function ownLayers(layers: readonly BuiltLayer[], { models }: Recipe): Pointer[] {
  const modelLayers = layers.filter(({ role }) => role === 'model');
  return layers.map(layer => ({
    ...pointer(layer),
    annotations: layerAnnotations(layer, models[modelLayers.indexOf(layer)]),
  }));
}

function pointer({ mediaType, digest, size }: Pointer): Pointer {
  return { mediaType, digest, size };
}

/** The image of one platform, and all that it consists of. */
export interface Part {
  readonly image: BuiltImage;
  readonly attached: readonly Described[];
  readonly blobs: readonly Blob[];
}

/** All of an image: of one platform it is the manifest that has the tag, of several an index of them. */
export function contentOf(parts: readonly [Part, ...Part[]], recipe: Recipe, epoch: number): Content {
  const images = parts.map(({ image }) => image);
  const [{ image }, ...others] = parts;
  const isOne = others.length === 0;
  const blobs = new Map(parts.flatMap(part => part.blobs).map(blob => [blob.digest, blob]));
  return {
    top: isOne ? image.manifest : composeIndex(images, { base: image.base, recipe, epoch }),
    documents: [
      ...(isOne ? [] : images.map(({ manifest }) => manifest)),
      ...parts.flatMap(({ attached }) => attached),
    ],
    blobs: [...blobs.values()],
  };
}

/** All stand on one base, each on its manifest for the platform. */
function composeIndex(
  images: readonly BuiltImage[],
  { base, recipe, epoch }: { base: BaseImage; recipe: Recipe; epoch: number },
): Described {
  const about = { base: base.name, digest: base.name.digest ?? base.digest, epoch };
  return indexOf(images.map(platformPointer), imageAnnotations(recipe.annotations, about));
}

function platformPointer({ manifest, base: { config } }: BuiltImage): PlatformPointer {
  const { architecture, os, variant } = config;
  return {
    ...pointerTo(manifest),
    platform: { architecture, os, ...(variant !== undefined && { variant }) },
  };
}

/** What is said of an image beside itself: what is in it, and how it came to be. */
export function attachedTo(
  image: BuiltImage,
  about: About,
): { documents: readonly Described[]; blobs: readonly Blob[] } {
  const annotations = { 'org.opencontainers.image.created': dateOf(about.epoch) };
  const blobs = [
    blobOf(SPDX, jsonBytes(sbomOf(image, about))),
    blobOf(IN_TOTO, jsonBytes(provenanceOf(image, about))),
  ];
  const documents = blobs.map(blob => artifactOf(blob, image.manifest, annotations));
  return { documents, blobs: [emptyConfig, ...blobs] };
}
