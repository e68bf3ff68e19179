/** TensorFlow Serving, with its model where its own image looks for one: /models/NAME/VERSION. */
import { ok, type Result } from '#base';
import { launch, MODELS, ports, type Revision, SETTINGS } from '#spec';
import type { Recipe, RunConfig } from '../recipe.ts';
import { recipeAround } from './around.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';
import { bases } from './places.ts';

export function servingRecipe(
  revision: Revision,
  materials: Materials,
  options: RecipeOptions,
): Result<Recipe, Refusal> {
  const place = {
    program: [],
    host: '0.0.0.0',
    ...ports.tensorflowServing,
    folder: SETTINGS,
    repository: MODELS,
  };
  const launched = launch(revision, { ...place, behindGateway: false });
  const base = options.base ?? bases.tensorflowServing;
  const recipe = recipeAround(launched, { base, revision, materials, options });
  const [name = '', isSeveral] = [...new Set(revision.models.map(model => model.name))];
  return ok({ ...recipe, run: isSeveral === undefined ? named(recipe.run, name) : recipe.run });
}

const NAME = '--model_name=';
const PATH = '--model_base_path=';

/**
 * The one model by MODEL_NAME, as TensorFlow Serving's own image has it: `docker run -e MODEL_NAME=…` names another. Variables expand
 * only in a shell, and never in a list of arguments; the server takes its place by `exec`, so that it is process 1 and is told to
 * stop. That image's own script does not, and has no quotes around them.
 */
function named(run: RunConfig, name: string): RunConfig {
  const isTold = run.cmd.some(flag => flag.startsWith(PATH));
  const env = { ...run.env, MODEL_NAME: name };
  if (!isTold) return { ...run, env };
  const [program = ''] = run.entrypoint;
  const script = `exec "$0" ${NAME}"$MODEL_NAME" ${PATH}"${MODELS}/$MODEL_NAME" "$@"`;
  return {
    ...run,
    env,
    entrypoint: ['/bin/sh', '-c', script, program],
    cmd: run.cmd.filter(flag => !flag.startsWith(NAME) && !flag.startsWith(PATH)),
  };
}
