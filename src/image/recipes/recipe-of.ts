import { err, type Result } from '#base';
import { foreignKind, lengthProblem, type Revision } from '#spec';
import type { Recipe } from '../recipe.ts';
import { customRecipe } from './custom.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';
import { ownRecipe } from './own.ts';
import { servingRecipe } from './serving.ts';
import { tritonRecipe } from './triton.ts';

const foreign = { triton: tritonRecipe, tensorflowServing: servingRecipe, custom: customRecipe } as const;

/** What the image of a revision is made of, whose models lie in that image (`bakedRevision`). */
export function recipeOf(
  revision: Revision,
  materials: Materials,
  options: RecipeOptions,
): Result<Recipe, Refusal> {
  const tooLong = lengthProblem(revision);
  if (tooLong !== undefined) return err({ subject: options.service, problem: tooLong });
  const kind = foreignKind(revision.runtime);
  if (kind === undefined) return ownRecipe(revision, materials, options);
  const { node, requirements } = options;
  const given = node === undefined ? requirements && '--requirements' : '--node';
  if (given === undefined) return foreign[kind](revision, materials, options);
  const problem = `${given} has no effect: runtime.${kind} runs the models, and nothing of fairlead is in the image`;
  return err({ subject: options.service, problem });
}
