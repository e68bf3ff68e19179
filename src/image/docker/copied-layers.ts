import type { LayerEntry } from '../layer-entry.ts';
import { architectureOf, type Platform } from '../platform.ts';
import type { ModelFiles, Recipe } from '../recipe.ts';
import { type CopiedLayer, copiedLayer, copiedVariants, isSafeName } from './copied-layer.ts';

/** A layer whose files come from the context, with what it is called. */
export interface TitledLayer extends CopiedLayer {
  readonly title: string;
}

/** In the order of the recipe; one that holds nothing is left out. Throws what `recipe.dependencies` throws. */
export function copiedLayers(recipe: Recipe, platforms: readonly Platform[]): TitledLayer[] {
  const { program, settings, models } = recipe;
  const names = modelFolders(models);
  const layers: readonly (TitledLayer | undefined)[] = [
    dependencies(recipe, platforms),
    program && { title: `Program: ${program.title}`, ...copiedLayer('program', program.entries) },
    settings && { title: `Settings: ${settings.title}`, ...copiedLayer('settings', settings.entries) },
    ...models.map((model, at) => ({
      title: `Model: ${model.title}`,
      ...copiedLayer(names[at] ?? '', model.entries),
    })),
  ];
  return layers.filter(layer => layer !== undefined).filter(layer => layer.entries.some(isMore(layer)));
}

function dependencies(recipe: Recipe, platforms: readonly Platform[]): TitledLayer | undefined {
  const { dependencies: of } = recipe;
  if (of === undefined || platforms.length === 0) return undefined;
  const found = platforms.map(platform => [architectureOf(platform), of(platform)] as const);
  const titles = [...new Set(found.map(([, { title }]) => title))];
  const variants = new Map(found.map(([architecture, { entries }]) => [architecture, entries]));
  return {
    title: `Dependencies: ${titles.join(', ')}`,
    ...copiedVariants('dependencies', variants, 'TARGETARCH'),
  };
}

/** More than the folder that holds it. */
function isMore({ entries: [first] }: CopiedLayer): (entry: LayerEntry) => boolean {
  return entry => entry.kind !== 'folder' || entry.path !== first?.path;
}

/**
 * Where each model lies in the context: by name and version where these are fit to be names of folders, and nobody else's where
 * small and capital letters are one. Else by its place in the list.
 */
function modelFolders(models: readonly ModelFiles[]): string[] {
  const wanted = models.map(({ name, version }) =>
    isSafeName(name) && isSafeName(version) ? `models/${name}/${version}` : undefined,
  );
  const uses = Map.groupBy(wanted, folder => folder?.toLowerCase());
  return wanted.map((folder, at) => {
    const isAlone = folder !== undefined && uses.get(folder.toLowerCase())?.length === 1;
    return isAlone ? folder : `model-${at + 1}`;
  });
}
