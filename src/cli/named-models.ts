import { failure, type Logger, messageOf } from '#base';
import {
  isBroken,
  logNotes,
  type ModelSettings,
  type ModelToServe,
  type RepositoryModel,
  type ScannedModel,
} from '#server';
import type { Asked } from './asked-models.ts';
import { type Finder, finderOf } from './finder.ts';
import { wrong } from './flags.ts';
import type { ModelStore } from './model-store.ts';
import { checkLabels, type VersionLabel } from './version-labels.ts';

/** One name, with the versions that are served of it and the labels that stand for them. */
export interface NamedModel {
  readonly name: string;
  readonly versions: readonly ModelToServe[];
  readonly labels: readonly VersionLabel[];
}

/** The models asked for, and where each name leads whenever it is asked. */
export interface NamedModels {
  readonly found: readonly NamedModel[];
  /** Every name as it lies now. Throws what says why it cannot be told. */
  readonly all: () => Promise<readonly NamedModel[]>;
  /** One name as it lies now; undefined when nothing leads to it. Throws what says why it cannot be served. */
  readonly named: (name: string) => Promise<NamedModel | undefined>;
  /** What lies at none of these paths any more, and was fetched, may be removed from the cache. */
  readonly used: (paths: readonly string[]) => void;
}

/** What is said of models by name, wherever they come from. */
export interface ByName {
  /** How models run that do not say otherwise. */
  readonly usual: ModelSettings;
  readonly shares: ReadonlyMap<string, number>;
  readonly labels: readonly VersionLabel[];
  readonly logger: Logger;
  readonly store: ModelStore;
}

/**
 * The models that were asked for. Of a repository, a model that cannot be served keeps no other from being served; what
 * cannot be served and was asked for itself is thrown. Throws `usage_invalid` and what finding them throws.
 */
export async function namedModels(asked: readonly Asked[], byName: ByName): Promise<NamedModels> {
  const finders = await Promise.all(asked.map(one => finderOf(one, byName.usual, byName.store)));
  const watched = finders.map(finder => new Watched(finder, byName.logger));
  const found = merged(await Promise.all(watched.map(one => one.begin())), byName);
  checkNames(found, byName);
  for (const one of found) checkLabels(one);
  return {
    found,
    all: async () => merged(await lookAt(watched), byName),
    named: async name => {
      const now = merged(await Promise.all(watched.map(one => one.lookFor(name))), byName);
      return now.find(one => one.name === name);
    },
    used: paths => {
      for (const finder of finders) finder.letGo(paths);
    },
  };
}

/** What lies at each place now. Throws what says why the only one cannot be read; of several, the others are looked at. */
function lookAt(watched: readonly Watched[]): Promise<(readonly RepositoryModel[])[]> {
  const isOnly = watched.length === 1;
  return Promise.all(watched.map(one => (isOnly ? one.look() : one.lookOrStay())));
}

/** What lies at one place, with what is wrong or has no effect there told once, and again when it changes. */
class Watched {
  readonly #finder: Finder;
  readonly #logger: Logger;
  /** As they were when they could last be served. */
  #good = new Map<string, RepositoryModel>();
  #told = new Map<string, string>();
  /** Why the last look failed. */
  #problem: string | undefined;

  constructor(finder: Finder, logger: Logger) {
    this.#finder = finder;
    this.#logger = logger;
  }

  /** The first look. Throws what is wrong with a model that was asked for itself, or with all of a repository. */
  async begin(): Promise<readonly RepositoryModel[]> {
    const { place } = this.#finder;
    const found = await this.#finder.find();
    const [broken] = found.filter(isBroken);
    if (broken !== undefined && place.kind !== 'repository')
      throw failure('model_ambiguous', { path: place.called, found: broken.problem });
    if (broken !== undefined && found.every(isBroken))
      throw failure('repository_invalid', {
        path: place.called,
        problem: `${broken.name}: ${broken.problem}`,
      });
    return this.#keep(found);
  }

  async look(): Promise<readonly RepositoryModel[]> {
    return this.#keep(await this.#finder.look());
  }

  /** As `look`, but where it cannot be told, all is taken to be as it was. Why is logged once. */
  async lookOrStay(): Promise<readonly RepositoryModel[]> {
    try {
      const found = await this.look();
      this.#problem = undefined;
      return found;
    } catch (thrown: unknown) {
      const error = messageOf(thrown);
      const { called } = this.#finder.place;
      if (error !== this.#problem)
        this.#logger.log('error', 'models not looked for', { path: called, error });
      this.#problem = error;
      return [...this.#good.values()];
    }
  }

  /** Looks only where a name may lead here. Throws what is wrong with it. */
  async lookFor(name: string): Promise<readonly RepositoryModel[]> {
    const isRepository = this.#finder.place.kind === 'repository';
    if (!isRepository && !this.#good.has(name)) return [];
    const found = await this.#finder.find();
    const broken = found.filter(isBroken).find(one => !isRepository || one.name === name);
    if (broken !== undefined)
      throw failure('model_ambiguous', { path: this.#finder.place.called, found: broken.problem });
    return found.flatMap(one => (isBroken(one) || one.name !== name ? [] : [one]));
  }

  /** What can be served, or could before; what is gone is gone. */
  #keep(found: readonly ScannedModel[]): readonly RepositoryModel[] {
    const { asked } = this.#finder;
    const good = found.flatMap(model =>
      isBroken(model) ? (this.#good.get(asked.name ?? model.name) ?? []) : [model],
    );
    this.#tell(found);
    this.#good = new Map(good.map(one => [one.name, one]));
    return good;
  }

  #tell(found: readonly ScannedModel[]): void {
    const now = new Map(
      found.map(one => [one.name, JSON.stringify(isBroken(one) ? one.problem : one.notes)]),
    );
    for (const model of found) {
      if (this.#told.get(model.name) === now.get(model.name)) continue;
      if (!isBroken(model)) logNotes(model.name, model.notes, this.#logger);
      else this.#logger.log('error', 'model not served', { model: model.name, error: model.problem });
    }
    this.#told = now;
  }
}

/** What was found under the same name belongs together. */
function merged(
  found: readonly (readonly RepositoryModel[])[],
  { shares, labels }: ByName,
): readonly NamedModel[] {
  const names = Map.groupBy(found.flat(), one => one.name);
  return Array.from(names, ([name, parts]) => {
    const share = shares.get(name);
    const versions = distinct(parts.flatMap(part => part.versions));
    const own = parts.flatMap(part => part.labels);
    return {
      name,
      versions: share === undefined ? versions : versions.map(one => withShare(one, share)),
      labels: [...own, ...labels.filter(one => one.name === name)],
    };
  });
}

function withShare(model: ModelToServe, share: number): ModelToServe {
  return { ...model, settings: { ...model.settings, share } };
}

function distinct(versions: readonly ModelToServe[]): readonly ModelToServe[] {
  const same = versions.find((one, at) => versions.slice(0, at).some(other => other.version === one.version));
  if (same === undefined) return versions;
  throw wrong(`two models are both '${same.name}' version ${same.version}; write NAME=PATH`);
}

/** What a flag says of a model must be said of one that is there. */
function checkNames(found: readonly NamedModel[], { shares, labels }: ByName): void {
  const names = found.map(one => one.name);
  const served = `is not served; served are ${names.join(', ')}`;
  const stray = [...shares.keys()].find(name => !names.includes(name));
  if (stray !== undefined) throw wrong(`--share: model '${stray}' ${served}`);
  const other = labels.find(one => !names.includes(one.name));
  if (other !== undefined) throw wrong(`--label: model '${other.name}' ${served}`);
}
