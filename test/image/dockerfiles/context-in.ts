import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DockerContext, dockerContext, platforms, type Recipe, writeContext } from '#image';

/** Writes the context of a recipe to a folder, as `fairlead image dockerfile` does, and reads it again. */
export async function contextIn(folder: string, recipe: Recipe): Promise<DockerContext> {
  const health = recipe.program && {
    node: '/usr/local/bin/node',
    url: 'http://127.0.0.1:8501/health',
  };
  const made = dockerContext(recipe, {
    bases: { base: recipe.base, node: recipe.node },
    platforms,
    epoch: 0,
    tool: { name: 'fairlead', version: '0.1.0' },
    health,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const { signal } = new AbortController();
  await writeContext(made.value, folder, { epoch: 0, random: { next: Math.random }, signal });
  return { ...made.value, dockerfile: readFileSync(join(folder, 'Dockerfile'), 'utf8') };
}
