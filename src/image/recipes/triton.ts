/** NVIDIA's Triton, with a repository of just the versions that are served. */
import { ok, type Result } from '#base';
import { launch, MODELS, ports, type Revision, SETTINGS } from '#spec';
import type { Recipe } from '../recipe.ts';
import { recipeAround } from './around.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';
import { bases } from './places.ts';

export function tritonRecipe(
  revision: Revision,
  materials: Materials,
  options: RecipeOptions,
): Result<Recipe, Refusal> {
  const place = { program: [], host: '0.0.0.0', ...ports.triton, folder: SETTINGS, repository: MODELS };
  const launched = launch(revision, { ...place, behindGateway: false });
  const base = options.base ?? bases.triton;
  return ok(recipeAround(launched, { base, revision, materials, options }));
}
