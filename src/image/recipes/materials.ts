/** What recipes are written from: files of this machine by the paths that they have in an image, and what a person chose. */
import type { Mounted } from '#spec';
import type { ImageName } from '../image-name.ts';
import type { LayerEntry } from '../layer-entry.ts';
import type { Platform } from '../platform.ts';
import type { LayerFiles, ModelFiles, Recipe } from '../recipe.ts';

export interface Materials {
  /** Fairlead itself; undefined where a server of others runs alone. */
  readonly program: LayerFiles | undefined;
  /** What ONNX runs with. Throws `image_invalid` where it is not on this machine for that platform. */
  readonly native: (platform: Platform) => LayerFiles;
  /** In the order of the revision. */
  readonly models: readonly ModelFiles[];
  /** What the file names, and what belongs to all versions of a model. */
  readonly settings: readonly LayerEntry[];
}

export interface RecipeOptions {
  /** Its name. */
  readonly service: string;
  /** Where the usual ones are not wanted. */
  readonly base?: ImageName | undefined;
  readonly node?: ImageName | undefined;
  readonly requirements?: Recipe['requirements'];
  /** What whoever runs the image has to bring. */
  readonly mounted: readonly Mounted[];
}

/** Why there is no image, as `image_invalid` has it. */
export interface Refusal {
  readonly subject: string;
  readonly problem: string;
  readonly remedy?: string;
}
