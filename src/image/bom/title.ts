import type { BuiltImage } from '../built.ts';

/** What an image calls itself. */
export function titleOf({ manifest }: Pick<BuiltImage, 'manifest'>): string {
  return manifest.annotations?.['org.opencontainers.image.title'] || 'image';
}
