import type { BuiltLayer } from '../built.ts';
import { type ImageName, imageText } from '../image-name.ts';
import type { ModelFiles } from '../recipe.ts';

type Annotations = Readonly<Record<string, string>>;

/** Seconds since 1970, as RFC 3339. */
export function dateOf(epoch: number): string {
  return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
}

/**
 * What is said of an image, in its manifest and as its labels: OCI image specification, "Pre-Defined Annotation Keys". `digest` is
 * what it stands on: of the base's manifest, or for an index of several platforms of the base's own.
 */
export function imageAnnotations(
  own: Annotations,
  { base, digest, epoch }: { base: ImageName; digest: string; epoch: number },
): Annotations {
  const { registry, repository, tag } = base;
  const name = imageText({ registry, repository, ...(tag !== undefined && { tag }) });
  return {
    'org.opencontainers.image.created': dateOf(epoch),
    'org.opencontainers.image.base.name': name,
    'org.opencontainers.image.base.digest': digest,
    ...own,
  };
}

/** Not the OCI's title: a layer with that is a file to those who pull artifacts. */
export function layerAnnotations(
  { role, title }: Pick<BuiltLayer, 'role' | 'title'>,
  model?: ModelFiles,
): Annotations {
  return {
    'dev.fairlead.layer.role': role,
    'dev.fairlead.layer.title': title,
    ...(model !== undefined && {
      'dev.fairlead.model.name': model.name,
      'dev.fairlead.model.version': model.version,
      'dev.fairlead.model.digest': model.digest,
    }),
  };
}
