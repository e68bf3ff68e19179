/** A server of the user's own: its image is the base, and the model is laid beside it. */
import { err, ok, type Result } from '#base';
import { launch, ports, type Revision } from '#spec';
import { type ImageName, readImageName } from '../image-name.ts';
import type { Recipe } from '../recipe.ts';
import { recipeAround } from './around.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';

/** Without a command, what its image starts by itself is started. */
export function customRecipe(
  revision: Revision,
  materials: Materials,
  options: RecipeOptions,
): Result<Recipe, Refusal> {
  const base = baseOf(revision, options);
  if (!base.ok) return base;
  const place = { program: [], host: '0.0.0.0', ...ports.custom, behindGateway: false };
  return ok(recipeAround(launch(revision, place), { base: base.value, revision, materials, options }));
}

function baseOf({ runtime }: Revision, { base, service }: RecipeOptions): Result<ImageName, Refusal> {
  if (base !== undefined) return ok(base);
  const image = runtime.custom?.image;
  if (image === undefined)
    return err({
      subject: service,
      problem: 'nothing says in which image its command runs',
      remedy: 'write runtime.custom.image in the file, or name one by --base',
    });
  const read = readImageName(image);
  return read.ok ? read : err({ subject: `runtime.custom.image '${image}'`, problem: read.error });
}
