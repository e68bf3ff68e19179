import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { failure, messageOf } from '#base';
import { readLabel } from '#spec';
import { identityFromPath, localPath } from '#store';
import { Gate } from '../../models/io/gate.ts';
import { usualSettings } from '../../models/settings.ts';
import { broken } from '../assemble.ts';
import { isSurelyModel, LIST_FILE, layoutOf } from '../layout.ts';
import { isBroken, type ScannedModel } from '../model.ts';
import { type ListedModel, servingList } from '../serving-list.ts';
import { listing, textOf, unreadable } from './folder.ts';
import { Memory } from './memory.ts';
import { type ReadOptions, readFile, readModel } from './read-model.ts';

export interface RepositoryOptions extends Partial<Omit<ReadOptions, 'memory'>> {
  /** Of a folder that is one model, where its path does not tell it. */
  readonly name?: string | undefined;
}

/** Models that are read at once. */
const MOST_AT_ONCE = 16;

/** A model of a repository, before it is read. */
interface Entry {
  readonly name: string;
  /** The file and line that lists it, where one does: `models.config:12`. */
  readonly at?: string;
  /** Reading it gives what is wrong with it, its name perhaps. */
  readonly isTold?: true;
  readonly read: () => Promise<ScannedModel>;
}

/**
 * What a repository holds now: Triton's, TensorFlow Serving's, a folder of models, one model with its versions or without,
 * one file, or a `models.config`. A model that cannot be served is told with its problem and keeps no other from being
 * found. Throws `file_missing`, `file_unreadable` or `repository_invalid` where the repository itself cannot be read.
 */
export async function readRepository(
  path: string,
  options: RepositoryOptions = {},
): Promise<readonly ScannedModel[]> {
  return new RepositoryReader(path, options).read();
}

/** Reads a repository again and again; what stays as it is, is not read through again. */
export class RepositoryReader {
  readonly #root: string;
  readonly #options: ReadOptions;
  readonly #name: string;

  constructor(path: string, { usual = usualSettings, name, ...options }: RepositoryOptions = {}) {
    this.#root = resolve(path);
    this.#name = name ?? identityFromPath(this.#root).name;
    this.#options = { ...options, usual, memory: new Memory() };
  }

  async read(): Promise<readonly ScannedModel[]> {
    const entries = await this.#entries();
    const gate = new Gate(MOST_AT_ONCE);
    const found = await Promise.all(entries.map(entry => gate.pass(() => safely(entry))));
    this.#options.memory.sweep();
    return found;
  }

  /** One model by its name; undefined when there is none. */
  async readOne(name: string): Promise<ScannedModel | undefined> {
    const entry = (await this.#entries()).find(one => one.name === name);
    return entry && safely(entry);
  }

  async #entries(): Promise<readonly Entry[]> {
    const root = this.#root;
    const found = await stat(root).catch(error => Promise.reject(unreadable(root, error)));
    const entries = found.isDirectory() ? await this.#folderEntries() : await this.#fileEntries(root);
    return distinct(entries);
  }

  async #folderEntries(): Promise<readonly Entry[]> {
    const root = this.#root;
    const layout = layoutOf(await listing(root));
    if (layout.kind === 'list') return this.#listed(join(root, LIST_FILE));
    const one = this.#folder(root, this.#name);
    if (layout.kind === 'model') return [one];
    const { folders, files } = layout;
    if (layout.kind === 'either' && !(await holdsModel(root, folders))) return [one];
    return [
      ...folders.map(name => this.#folder(join(root, name), name)),
      ...files.map(name => this.#file(join(root, name))),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #fileEntries(path: string): Promise<readonly Entry[]> {
    return extname(path) === '.onnx' ? [this.#file(path)] : this.#listed(path);
  }

  #folder(folder: string, name: string): Entry {
    return { name, read: () => readModel({ folder, name }, this.#options) };
  }

  #file(path: string): Entry {
    const { name } = identityFromPath(path);
    return { name, read: () => readFile(path, name, this.#options) };
  }

  async #listed(path: string): Promise<readonly Entry[]> {
    const models = servingList(basename(path), await textOf(path));
    if (!models.ok) throw failure('repository_invalid', { path, problem: models.error });
    return models.value.map(model => {
      const { name } = model;
      if ('problem' in model) return { name, isTold: true, read: async () => model };
      const read = async (): Promise<ScannedModel> => {
        const found = await safely({ name, read: () => this.#listedModel(dirname(path), model) });
        return isBroken(found) ? broken(name, [`${model.at}: ${found.problem}`]) : found;
      };
      return { name, at: model.at, read };
    });
  }

  async #listedModel(base: string, listed: ListedModel): Promise<ScannedModel> {
    const { name, basePath } = listed;
    return readModel({ folder: resolve(base, localPath(basePath)), name, listed }, this.#options);
  }
}

/** Whether one of the folders is a model beyond doubt. */
async function holdsModel(root: string, folders: readonly string[]): Promise<boolean> {
  for (const name of folders) {
    const found = await listing(join(root, name)).catch(() => undefined);
    if (found !== undefined && isSurelyModel(found)) return true;
  }
  return false;
}

async function safely({ name, read }: Pick<Entry, 'name' | 'read'>): Promise<ScannedModel> {
  try {
    return await read();
  } catch (error: unknown) {
    return broken(name, [messageOf(error)]);
  }
}

/** Of several with one name, those behind the first are told and not read; nor is one that a path cannot carry. */
function distinct(entries: readonly Entry[]): readonly Entry[] {
  const names = new Set<string>();
  return entries.map(entry => {
    if (entry.isTold) return entry;
    const name = readLabel(entry.name);
    if (!name.ok) return refused(entry, `its name ${name.error}`);
    if (names.has(entry.name)) return refused(entry, 'another model has this name too');
    names.add(entry.name);
    return entry;
  });
}

function refused(entry: Entry, why: string): Entry {
  const problem = entry.at === undefined ? why : `${entry.at}: ${why}`;
  return { ...entry, read: async () => broken(entry.name, [problem]) };
}
