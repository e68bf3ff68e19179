/** Links and small files that a server reads, in a folder that the place owns: what is served, and no more. */
import type { PlacedModel } from './revision.ts';

/** One of them; its name is a path below the folder. */
export type StagedFile =
  | { readonly name: string; readonly link: string }
  | { readonly name: string; readonly text: string };

const MODELS = 'models';

interface Staging {
  readonly folder?: string;
  readonly repository?: string;
}

/** The folder of the links that `linksOf` says, or what stands in their place. */
export function repositoryIn(place: Staging): string {
  return place.repository ?? stagedIn(place, MODELS);
}

export function stagedIn({ folder = '' }: Staging, name: string): string {
  return `${folder}/${name}`;
}

/** For each model a folder by its name, with links in it; none where the folders are there. */
export function linksOf(
  models: readonly PlacedModel[],
  { repository }: Staging,
  filesOf: (model: PlacedModel) => readonly (readonly [name: string, path: string])[],
): StagedFile[] {
  if (repository !== undefined) return [];
  const links = models.flatMap(model =>
    filesOf(model).map(([file, link]) => [`${MODELS}/${model.name}/${file}`, link] as const),
  );
  return [...new Map(links)].map(([name, link]) => ({ name, link }));
}
