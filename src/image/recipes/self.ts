/** Fairlead without a model: what runs beside services and brings models to them, or serves those that lie elsewhere. */
import { command } from '#spec';
import type { Recipe } from '../recipe.ts';
import type { Materials, RecipeOptions } from './materials.ts';
import { bases, STOP_SIGNAL, USER } from './places.ts';

/** With `native`, it runs models of ONNX. */
export function selfRecipe(
  {
    program,
    native,
  }: {
    readonly program: NonNullable<Materials['program']>;
    readonly native?: Materials['native'] | undefined;
  },
  {
    base = bases.node,
    node = bases.node,
    version,
  }: Pick<RecipeOptions, 'base' | 'node'> & { readonly version: string },
): Recipe {
  return {
    base,
    node,
    ...(native !== undefined && { dependencies: native }),
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
