import { type AppError, asAppError, failure, messageOf } from '#base';
import { shown } from '../../tensors/shown.ts';
import { Directory, type Entry, type VersionLabel } from '../directory.ts';
import type { IndexEntry, Repository, ServedStatistics } from '../repository.ts';
import type { RunningModel } from '../running.ts';
import type { ModelSettings } from '../settings.ts';
import { invalid } from '../signature.ts';
import { type LoadPorts, loadModel, type ModelToServe } from './load.ts';
import { Turns } from './turns.ts';

export interface RepositoryOptions {
  /** How models run that do not say otherwise. */
  readonly settings: ModelSettings;
  /** Loaded when the server starts. */
  readonly models: readonly ModelToServe[];
  readonly labels: readonly VersionLabel[];
  /** Whether clients may load and unload. */
  readonly controlled: boolean;
}

export interface RepositoryPorts extends LoadPorts {
  /** Where the versions of a name lie now. */
  readonly resolve: (name: string) => Promise<readonly ModelToServe[]>;
  /** Called after each change of what is ready. */
  readonly changed: () => void;
}

/** The models of a server: loaded when it starts, and others in their place while it serves. */
export class ModelRepository implements Repository {
  readonly directory: Directory<RunningModel>;
  readonly #options: RepositoryOptions;
  readonly #ports: RepositoryPorts;
  readonly #turns = new Turns();
  #started = false;

  constructor(options: RepositoryOptions, ports: RepositoryPorts) {
    this.#options = options;
    this.#ports = ports;
    this.directory = new Directory(options.models, options.labels);
  }

  get controlled(): boolean {
    return this.#options.controlled;
  }

  /** Loads every model, one after the other. Throws what made the first one fail. */
  async start(): Promise<void> {
    for (const wanted of this.#options.models) {
      const model = await loadModel(wanted, this.#options.settings, this.#ports);
      if (this.#turns.ended) return model.close();
      this.directory.serve(model);
      model.metrics.ready.set(1);
      this.#ports.changed();
    }
    this.#started = true;
  }

  index(): readonly IndexEntry[] {
    return this.directory.entries().map(indexEntry);
  }

  statistics(wanted?: { readonly name: string; readonly version?: string }): readonly ServedStatistics[] {
    if (wanted === undefined) return this.directory.running().map(statisticsOf);
    const latest = this.directory.find(wanted);
    if (wanted.version !== undefined) return [statisticsOf(latest)];
    return this.#running(wanted.name).map(statisticsOf);
  }

  async load(name: string): Promise<void> {
    this.#check(name, problem => failure('load_failed', { name: shown(name), problem }));
    await this.#turns.take(name, () => this.#load(name));
  }

  async unload(name: string): Promise<void> {
    this.#check(name, () => failure('model_unknown', { name: shown(name) }));
    await this.#turns.take(name, async () => this.#replace(name, []));
  }

  /** Answers whoever waits for a load. Nothing more is loaded. */
  abandon(): void {
    this.#turns.end();
  }

  /** Closes every model. */
  async close(): Promise<void> {
    this.abandon();
    await Promise.all(this.directory.running().map(model => model.close()));
  }

  #check(name: string, unknown: (problem: string) => AppError): void {
    if (!this.controlled) throw failure('control_forbidden', {});
    if (!this.#options.models.some(model => model.name === name)) {
      if (!isName(name)) throw invalid(`'${shown(name)}' is not the name of a model`, ['path']);
      throw unknown('failed to poll from model repository');
    }
    if (!this.#started) throw failure('model_not_ready', { name, version: '' });
  }

  async #load(name: string): Promise<void> {
    let wanted: readonly ModelToServe[] = [];
    try {
      wanted = await this.#ports.resolve(name);
      this.directory.loading(name, wanted);
      const models = await this.#loadAll(wanted);
      if (this.#turns.ended) await closeAll(models);
      else this.#replace(name, models);
    } catch (error: unknown) {
      const problem = messageOf(error);
      for (const one of wanted) this.directory.failed(one, problem);
      this.#ports.logger.log('error', 'model not loaded', { model: name, error: problem });
      throw failure('load_failed', { name, problem }, error);
    }
  }

  /** All of them or none. */
  async #loadAll(wanted: readonly ModelToServe[]): Promise<RunningModel[]> {
    const models: RunningModel[] = [];
    try {
      for (const one of wanted) models.push(await loadModel(one, this.#options.settings, this.#ports));
      return models;
    } catch (error: unknown) {
      await closeAll(models);
      throw asAppError(error);
    }
  }

  /** The switch: from one moment to the next these models answer to the name, and what did is closed in peace. */
  #replace(name: string, models: readonly RunningModel[]): void {
    const leaving = this.directory.replace(name, models);
    for (const { metrics } of leaving) metrics.ready.set(0);
    for (const { metrics } of models) metrics.ready.set(1);
    this.#ports.changed();
    for (const old of leaving) void this.#retire(old);
  }

  async #retire(old: RunningModel): Promise<void> {
    const { logger } = this.#ports;
    const { name: model, version } = old;
    try {
      await old.retire();
      logger.log('info', 'model unloaded', { model, version });
    } catch (error: unknown) {
      logger.log('error', 'model not unloaded', { model, version, error: messageOf(error) });
    }
    this.directory.gone(old);
  }

  #running(name: string): readonly RunningModel[] {
    return this.directory.running().filter(model => model.name === name);
  }
}

/** What can name nothing in a repository, whatever lies there. */
function isName(name: string): boolean {
  return name !== '' && name === name.trim() && !/[/\\\0]|\.\./.test(name);
}

const states = {
  cold: 'UNAVAILABLE',
  waking: 'LOADING',
  ready: 'READY',
  loading: 'LOADING',
  unloading: 'UNLOADING',
  unavailable: 'UNAVAILABLE',
} as const;

function indexEntry({ identity, state, reason = '' }: Entry<RunningModel>): IndexEntry {
  return { ...identity, state: states[state], reason };
}

function statisticsOf({ name, version, statistics }: RunningModel): ServedStatistics {
  return { name, version, ...statistics.snapshot() };
}

async function closeAll(models: readonly { close: () => Promise<void> }[]): Promise<void> {
  await Promise.all(models.map(model => model.close()));
}
