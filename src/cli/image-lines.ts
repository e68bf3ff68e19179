/** What `fairlead image` prints, as text and as data. */
import { sizeText, table } from '#base';
import { type Built, type BuiltImage, type ImageName, imageText, type Pushed } from '#image';

/** What was built, and where it went. */
export interface Made {
  readonly built: Built;
  /** Where it is to be found, if it has a name. */
  readonly name: ImageName | undefined;
  /** What that sent; undefined where it went to no registry. */
  readonly pushed: Pushed | undefined;
}

/** By its digest, which never moves: `ghcr.io/acme/digits:2@sha256:…`; of what has no name just that. */
export function pinnedText({ built, name }: Made): string {
  const { digest } = built.content.top;
  return name === undefined ? digest : imageText({ ...name, digest });
}

export function madeJson(made: Made): object {
  const { built, pushed } = made;
  const models = built.recipe.models.map(({ name, version, digest }) => ({ name, version, digest }));
  return {
    image: pinnedText(made),
    digest: built.content.top.digest,
    models,
    platforms: built.images.map(platformJson),
    ...(pushed !== undefined && { pushed }),
  };
}

function platformJson({ platform, base, layers, manifest }: BuiltImage): object {
  return {
    platform,
    digest: manifest.digest,
    base: imageText(base.name),
    layers: layers.map(({ role, title, digest, size, unpackedSize }) => ({
      role,
      title,
      digest,
      size,
      unpackedSize,
    })),
  };
}

/** What lies over the base, for people. */
export function layersText({ images }: Built): string {
  return images
    .map(image => `${image.platform} on ${imageText(image.base.name)}\n${layersTable(image)}`)
    .join('');
}

function layersTable({ layers }: BuiltImage): string {
  const rows = layers.map(({ role, title, size }) => [`  ${role}`, title, sizeText(size)]);
  return table([['  layer', 'what', 'size'], ...rows]);
}

export function pushedText({ uploaded, mounted, skipped }: Pushed): string {
  const parts = [
    `${sizeText(uploaded)} uploaded`,
    ...(mounted > 0 ? [`${sizeText(mounted)} mounted from other repositories`] : []),
    ...(skipped > 0 ? [`${sizeText(skipped)} there already`] : []),
  ];
  return parts.join(', ');
}
