/** Fairlead alone, without a model: what runs beside services, and brings models to them. */
import type { Recipe } from '../recipe.ts';
import type { Materials, RecipeOptions } from './materials.ts';
import { bases, command, STOP_SIGNAL, USER } from './places.ts';

/** No model runs in it, so it has no library for one; whoever serves with it mounts that, or builds an image of a service. */
export function selfRecipe(
  { program }: { readonly program: NonNullable<Materials['program']> },
  {
    base = bases.node,
    node = bases.node,
    version,
  }: Pick<RecipeOptions, 'base' | 'node'> & { readonly version: string },
): Recipe {
  return {
    base,
    node,
    program,
    models: [],
    run: {
      entrypoint: command,
      cmd: ['--help'],
      env: {},
      ports: [],
      user: USER,
      stopSignal: STOP_SIGNAL,
    },
    annotations: {
      'org.opencontainers.image.title': 'fairlead',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.description': 'Takes a machine-learning model to production',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  };
}
