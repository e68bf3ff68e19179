import { isMark, isSafePath } from '#store';
import type { LayerEntry } from '../layer-entry.ts';
import type { Recipe, RunConfig } from '../recipe.ts';
import { lineProblem } from './words.ts';

/** What a Dockerfile cannot say, and why: facts of `image_invalid`. */
export interface DockerProblem {
  readonly subject: string;
  readonly problem: string;
}

/** The first of the texts that are written outside exec form and cannot be. */
export function textProblem(run: RunConfig, annotations: Recipe['annotations']): DockerProblem | undefined {
  const pairs = [
    ...Object.entries(run.env).map(pair => ['the environment variable', pair] as const),
    ...Object.entries(annotations).map(pair => ['the annotation', pair] as const),
    ...Object.entries({ user: run.user, signal: run.stopSignal, folder: run.folder ?? '' }).map(
      pair => ['the', pair] as const,
    ),
  ];
  for (const [what, [name, value]] of pairs) {
    const problem = nameProblem(name) ?? lineProblem(value);
    if (problem !== undefined) return { subject: `${what} ${JSON.stringify(name)}`, problem };
  }
  return undefined;
}

function nameProblem(name: string): string | undefined {
  return name === '' || name.includes('=') ? 'has no name that a Dockerfile can say' : lineProblem(name);
}

/** The first path that could lead out of the folder, or that a layer takes for a mark. */
export function pathProblem(entries: readonly LayerEntry[]): DockerProblem | undefined {
  const wrong = entries.find(({ path }) => !isSafePath(path) || isMark(path) || !path.isWellFormed());
  return wrong && { subject: JSON.stringify(wrong.path), problem: 'is no path that an image can have' };
}
