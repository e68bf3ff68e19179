import type { BaseImage } from './base-image.ts';
import type { Content, Described } from './content.ts';
import type { ImageName } from './image-name.ts';
import type { LayerEntry } from './layer-entry.ts';
import type { Platform } from './platform.ts';
import type { Package, Recipe } from './recipe.ts';

/** What a build made: what is stored, and what is known of it. */
export interface Built {
  readonly recipe: Recipe;
  readonly content: Content;
  readonly images: readonly BuiltImage[];
}

/** The image of one platform. */
export interface BuiltImage {
  readonly platform: Platform;
  readonly base: BaseImage;
  /** What Node's program was taken out of, pinned, where the base has none. */
  readonly node?: ImageName;
  /** Over those of the base, lowest first. */
  readonly layers: readonly BuiltLayer[];
  readonly manifest: Described;
}

/** What a layer is for. */
export type LayerRole = 'runtime' | 'requirements' | 'dependencies' | 'program' | 'settings' | 'model';

export interface BuiltLayer {
  readonly role: LayerRole;
  readonly title: string;
  readonly mediaType: string;
  readonly digest: string;
  /** Of it as tar, not compressed. */
  readonly diffId: string;
  /** Bytes as it is stored, and as it is unpacked. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly entries: readonly LayerEntry[];
  readonly packages: readonly Package[];
  /** Bytes of its files by path; undefined where nobody looked. */
  readonly sizes?: ReadonlyMap<string, number>;
}
