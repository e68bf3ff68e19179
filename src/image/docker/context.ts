import { err, ok, type Result } from '#base';
import { imageText } from '../image-name.ts';
import type { LayerEntry } from '../layer-entry.ts';
import type { Recipe } from '../recipe.ts';
import { copiedLayers } from './copied-layers.ts';
import { dockerfileText } from './dockerfile.ts';
import { ignoreText } from './ignore.ts';
import type { DockerOptions } from './options.ts';
import { type DockerProblem, pathProblem, textProblem } from './problems.ts';
import { LOCK_SOURCE } from './requirements-stage.ts';

/** What `docker buildx build` needs to make an image of a recipe. */
export interface DockerContext {
  readonly dockerfile: string;
  /** Of `.dockerignore`: nothing goes to the builder but what the Dockerfile copies. */
  readonly ignore: string;
  /** What lies beside these two. Paths are those in the context. */
  readonly entries: readonly LayerEntry[];
}

/**
 * The Dockerfile of a recipe and its context. What it makes is what the recipe says: the same files with the same modes, the same
 * configuration. Throws what `recipe.dependencies` throws.
 */
export function dockerContext(recipe: Recipe, options: DockerOptions): Result<DockerContext, DockerProblem> {
  const layers = copiedLayers(recipe, options.platforms);
  const entries = [...lockFile(recipe), ...layers.flatMap(layer => layer.entries)];
  const problem =
    pinProblem(options) ??
    textProblem(recipe.run, options.annotations ?? recipe.annotations) ??
    pathProblem(entries);
  if (problem !== undefined) return err(problem);
  const dockerfile = dockerfileText(recipe, layers, options);
  return ok({ dockerfile, ignore: ignoreText(entries), entries });
}

function lockFile({ requirements }: Recipe): LayerEntry[] {
  return requirements === undefined
    ? []
    : [{ kind: 'file', path: LOCK_SOURCE, from: Buffer.from(requirements.text) }];
}

function pinProblem({ bases: { base, node } }: DockerOptions): DockerProblem | undefined {
  const loose = [base, node].find(name => name !== undefined && name.digest === undefined);
  return loose && { subject: imageText(loose), problem: 'is not pinned by a digest' };
}
