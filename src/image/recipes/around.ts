/** What is the same of all recipes of a revision, whoever's server runs it. */
import type { Launch, Revision } from '#spec';
import { ports, SETTINGS } from '#spec';
import type { ImageName } from '../image-name.ts';
import type { LayerEntry } from '../layer-entry.ts';
import type { LayerFiles, Recipe } from '../recipe.ts';
import { annotationsOf } from './annotations.ts';
import type { Materials, RecipeOptions } from './materials.ts';
import { STOP_SIGNAL, USER } from './places.ts';

export interface Around {
  readonly base: ImageName;
  readonly revision: Revision;
  readonly materials: Materials;
  readonly options: RecipeOptions;
}

/** A launch's program is process 1, and its arguments are what `docker run IMAGE …` replaces. */
export function recipeAround(
  launched: Launch,
  { base, revision, materials, options: { service, mounted } }: Around,
): Recipe {
  const { models } = materials;
  const [program, ...args] = launched.argv;
  const settings = settingsOf([...materials.settings, ...staged(launched)]);
  return {
    base,
    ...(settings && { settings }),
    models,
    run: {
      entrypoint: program === undefined ? [] : [program],
      cmd: args,
      env: launched.env,
      ports: portsOf(launched),
      user: USER,
      stopSignal: STOP_SIGNAL,
      ...(launched.folder !== undefined && { folder: launched.folder }),
    },
    annotations: annotationsOf(revision, { service, models, mounted }),
  };
}

function portsOf({ listening, metrics }: Launch): number[] {
  const told = listening.kind === 'told' ? [listening.http, listening.grpc] : Object.values(ports.own);
  return [...new Set([...told, metrics?.port].filter(port => port !== undefined))];
}

/** Links to models are not made: the folders lie where a server looks for them. */
function staged({ files }: Launch): LayerEntry[] {
  return files.flatMap(file =>
    'text' in file
      ? [{ kind: 'file', path: `${SETTINGS.slice(1)}/${file.name}`, from: Buffer.from(file.text) } as const]
      : [],
  );
}

function settingsOf(entries: readonly LayerEntry[]): LayerFiles | undefined {
  return entries.length === 0 ? undefined : { title: 'settings', entries, packages: [] };
}
