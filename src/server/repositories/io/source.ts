import { failure, type Logger } from '#base';
import type { FoundModel, ModelSource } from '../../models/found.ts';
import { isBroken, type RepositoryModel, type ScannedModel } from '../model.ts';
import { logNotes } from '../note.ts';
import { type RepositoryOptions, RepositoryReader } from './read-repository.ts';

export interface SourceOptions extends RepositoryOptions {
  readonly logger: Logger;
}

/**
 * A repository as the models of a server come from it. A model that cannot be served as it lies there now stays what it
 * was, and is gone only when it is there no more. Notes and problems are logged once, and again when they change.
 */
export function repositorySource(path: string, { logger, ...options }: SourceOptions): ModelSource {
  const reader = new RepositoryReader(path, options);
  const good = new Map<string, RepositoryModel>();
  const told = new Map<string, string>();
  const tell = (model: ScannedModel): void => {
    const text = JSON.stringify(isBroken(model) ? model.problem : model.notes);
    if (told.get(model.name) === text) return;
    told.set(model.name, text);
    if (isBroken(model)) logger.log('error', 'model not served', { model: model.name, error: model.problem });
    else logNotes(model.name, model.notes, logger);
  };
  const current = (model: ScannedModel): FoundModel | undefined => {
    tell(model);
    if (isBroken(model)) return good.get(model.name);
    good.set(model.name, model);
    return model;
  };
  const forget = (name: string): void => {
    told.delete(name);
    good.delete(name);
  };
  return {
    async all() {
      const found = await reader.read();
      const names = new Set(found.map(({ name }) => name));
      for (const name of told.keys()) if (!names.has(name)) forget(name);
      return found.flatMap(model => current(model) ?? []);
    },
    async named(name) {
      const model = await reader.readOne(name);
      if (model === undefined || !isBroken(model)) return model && current(model);
      throw failure('repository_invalid', { path, problem: model.problem });
    },
  };
}
