/** Fairlead's own server: models of ONNX in its process, all others in processes of Python beside it. */
import { err, ok, type Result } from '#base';
import { command, type Launch, launch, MODELS, ports, type Revision, SETTINGS } from '#spec';
import type { Recipe } from '../recipe.ts';
import { recipeAround } from './around.ts';
import type { Materials, RecipeOptions, Refusal } from './materials.ts';
import { bases } from './places.ts';

export function ownRecipe(
  revision: Revision,
  materials: Materials,
  options: RecipeOptions,
): Result<Recipe, Refusal> {
  const { requirements, base, node = bases.node } = options;
  const needs = needsOf(revision);
  const refusal = needs.python ? unlocked(options) : unneeded(options);
  if (refusal !== undefined) return err(refusal);
  const usual = needs.python ? bases.python : bases.node;
  const launched = launch(revision, {
    program: command,
    host: '0.0.0.0',
    ...ports.own,
    folder: SETTINGS,
    repository: MODELS,
    behindGateway: false,
  });
  const health = revision.server.tls?.healthPort;
  const around = recipeAround(launched, { base: base ?? usual, revision, materials, options });
  return ok({
    ...around,
    node,
    ...(requirements && { requirements }),
    ...healthOf(revision),
    ...(needs.onnx && { dependencies: materials.native }),
    ...(materials.program && { program: materials.program }),
    run: {
      ...around.run,
      entrypoint: command,
      cmd: launched.argv.slice(command.length),
      env: said(launched.env),
      ports: [...around.run.ports, ...(health === undefined ? [] : [health])],
    },
  });
}

/** With TLS it is told without at a port of its own alone. */
function healthOf({ server: { tls } }: Revision): Pick<Recipe, 'healthPort'> {
  if (tls === undefined) return { healthPort: ports.own.port };
  return tls.healthPort === undefined ? {} : { healthPort: tls.healthPort };
}

/** A launch empties what a server would inherit; in an image nobody has said it. */
function said(env: Launch['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** What runs its models. */
function needsOf({ models }: Revision): { readonly onnx: boolean; readonly python: boolean } {
  const loaders = models.map(({ artifact }) => artifact.loader);
  return {
    onnx: loaders.includes(undefined),
    python: loaders.some(loader => loader !== undefined),
  };
}

function unlocked({ service, requirements, base }: RecipeOptions): Refusal | undefined {
  if (requirements !== undefined || base !== undefined) return undefined;
  return {
    subject: service,
    problem: 'its models run in Python, and nothing says which packages are in the image',
    remedy:
      'name a lock file with hashes by --requirements, as `uv pip compile --generate-hashes` or `pip-compile --generate-hashes` writes it, or by --base an image that has the packages',
  };
}

function unneeded({ service, requirements }: RecipeOptions): Refusal | undefined {
  if (requirements === undefined) return undefined;
  return { subject: service, problem: '--requirements has no effect: none of its models runs in Python' };
}
