import { type AppError, asAppError, type Backoff, failure, messageOf, pauseBefore } from '#base';
import type { ModelIdentity } from '#spec';
import { shown } from '../../tensors/shown.ts';
import { Directory, type Entry, type VersionLabel } from '../directory.ts';
import { type FoundModel, foundModels, type ModelSource } from '../found.ts';
import { MemoryBudget } from '../memory-budget.ts';
import { type Change, changeOf, plan } from '../plan.ts';
import type { IndexEntry, Repository, ServedStatistics } from '../repository.ts';
import type { RunningModel } from '../running.ts';
import type { ModelSettings } from '../settings.ts';
import { invalid } from '../signature.ts';
import { Gate } from './gate.ts';
import { LazyLoading } from './lazy-loading.ts';
import type { LoadPorts, ModelToServe } from './load.ts';
import { Loader } from './loader.ts';
import { Turns } from './turns.ts';

export interface RepositoryOptions {
  /** How models run that do not say otherwise. */
  readonly settings: ModelSettings;
  /** Served from the start. */
  readonly models: readonly ModelToServe[];
  readonly labels: readonly VersionLabel[];
  /** Whether clients may load and unload. */
  readonly controlled: boolean;
  /** Models are loaded when they are asked for, and unloaded again to stay within these bytes of resident memory. */
  readonly lazy?: { readonly memoryBytes: number } | undefined;
}

export interface RepositoryPorts extends LoadPorts {
  /** Where models lie now. */
  readonly source: ModelSource;
  /** Bytes that the process holds. */
  readonly resident: () => number;
  /** A version is gone for good. */
  readonly forget: (model: ModelIdentity) => void;
  /** Called after each change of what is ready. */
  readonly changed: () => void;
}

/** What failed to load is tried again after a pause, unless what was found has changed. Milliseconds. */
const PAUSES: Backoff = { first: 5000, most: 300_000 };

/** Names that are changed at once because of a scan: one that takes long must not keep all others waiting. */
const MOST_CHANGES = 4;

interface Failed {
  readonly attempt: number;
  readonly until: number;
  /** What was to be loaded. */
  readonly text: string;
}

/** The models of a server: those it starts with, and others in their place while it serves. */
export class ModelRepository implements Repository {
  readonly directory: Directory<RunningModel>;
  /** Loads what is asked for; undefined when everything is loaded from the start. */
  readonly lazy: LazyLoading | undefined;
  readonly #options: RepositoryOptions;
  readonly #ports: RepositoryPorts;
  readonly #loader: Loader;
  readonly #budget: MemoryBudget | undefined;
  readonly #turns = new Turns();
  readonly #changes = new Gate(MOST_CHANGES);
  /** What each name was brought to last. */
  readonly #served: Map<string, FoundModel>;
  /** Names whose last change failed. */
  readonly #failed = new Map<string, Failed>();
  /** Names that are being changed because of a scan. */
  readonly #changing = new Set<string>();
  #started = false;

  constructor(options: RepositoryOptions, ports: RepositoryPorts) {
    this.#options = options;
    this.#ports = ports;
    const { models, labels, lazy } = options;
    this.directory = new Directory(models, labels, lazy === undefined ? 'loading' : 'cold');
    this.#served = new Map(foundModels(models, labels).map(found => [found.name, found]));
    const budget = lazy && new MemoryBudget(lazy.memoryBytes, ports.resident);
    this.#budget = budget;
    const serving = (): boolean => this.#started;
    const { directory } = this;
    this.#loader = new Loader({ ...ports, settings: options.settings, directory, budget, serving });
    if (lazy !== undefined) this.lazy = this.#lazyLoading();
    this.directory.onCold = identity => this.lazy?.hint(identity);
  }

  get controlled(): boolean {
    return this.#options.controlled;
  }

  /**
   * Loads every model, one after the other, or none if they are loaded when asked for. Throws what made the first one fail,
   * and `memory_too_small` where none could ever be loaded.
   */
  async start(): Promise<void> {
    this.#budget?.checkLimit();
    if (this.lazy === undefined) for (const wanted of this.#options.models) await this.#startOne(wanted);
    this.#started = true;
    this.#ports.changed();
  }

  index(): readonly IndexEntry[] {
    return this.directory.entries().map(indexEntry);
  }

  statistics(wanted?: { readonly name: string; readonly version?: string }): readonly ServedStatistics[] {
    if (wanted === undefined) return this.directory.running().map(statisticsOf);
    const latest = this.directory.find(wanted);
    if (wanted.version !== undefined) return [statisticsOf(latest)];
    return this.directory.running(wanted.name).map(statisticsOf);
  }

  async load(name: string): Promise<void> {
    this.#check(name);
    await this.#turns.take(name, () => this.#loadAnew(name));
  }

  async unload(name: string): Promise<void> {
    this.#check(name);
    if (!this.#isKnown(name)) throw failure('model_unknown', { name: shown(name) });
    await this.#turns.take(name, async () => {
      this.#switch({ name, load: [], unload: [], keep: [], relabel: [] }, []);
      this.#served.delete(name);
    });
  }

  /**
   * Looks where models lie now, and begins to load what is new or changed and to unload what is gone. What it gives settles
   * when all of that is done; what fails is logged, and tried again after a pause. Throws when it cannot look: then nothing
   * changes.
   */
  async scan(): Promise<{ readonly settled: Promise<unknown> }> {
    if (!this.#started) return { settled: Promise.resolve() };
    const found = await this.#ports.source.all();
    const changes = plan(found, [...this.#served.values()]);
    this.#forgive(changes);
    const begun = changes.filter(change => this.#isDue(change)).map(change => this.#follow(change));
    return { settled: Promise.all(begun) };
  }

  /** Answers whoever waits for a load. Nothing more is loaded. */
  abandon(): void {
    this.#turns.end();
    this.lazy?.end();
  }

  /** Closes every model. */
  async close(): Promise<void> {
    this.abandon();
    await this.#loader.close();
  }

  /** What a version is now, whether it is loaded or not. */
  #wantedOf({ name, version }: ModelIdentity): ModelToServe | undefined {
    return this.#served.get(name)?.versions.find(one => one.version === version);
  }

  #lazyLoading(): LazyLoading {
    const wantedOf = (identity: ModelIdentity): ModelToServe | undefined => this.#wantedOf(identity);
    const { settings } = this.#options;
    const ports = { ...this.#ports, settings, directory: this.directory, loader: this.#loader, wantedOf };
    return new LazyLoading(ports);
  }

  async #startOne(wanted: ModelToServe): Promise<void> {
    const model = await this.#loader.load(wanted);
    if (this.#turns.ended) return model.close();
    this.directory.serve(model);
    model.metrics.ready.set(1);
    this.#ports.changed();
  }

  #check(name: string): void {
    if (!this.controlled) throw failure('control_forbidden', {});
    if (!isName(name)) throw invalid(`'${shown(name)}' is not the name of a model`, ['path']);
    if (!this.#started) throw failure('model_not_ready', { name: shown(name), version: '' });
  }

  #isKnown(name: string): boolean {
    return this.#served.has(name) || this.directory.knows(name);
  }

  #presentOf(name: string): FoundModel {
    return this.#served.get(name) ?? { name, versions: [], labels: [] };
  }

  /** Every version of a name, whether it changed or not. */
  async #loadAnew(name: string): Promise<void> {
    let found: FoundModel | undefined;
    try {
      found = await this.#ports.source.named(name);
    } catch (error: unknown) {
      throw this.#notLoaded(name, asAppError(error));
    }
    if (found === undefined)
      throw failure('load_failed', { name: shown(name), problem: 'failed to poll from model repository' });
    const { unload } = changeOf(found, this.#presentOf(name));
    const { versions: load, labels: relabel } = found;
    await this.#apply({ name, load, unload, keep: [], relabel }, load);
    this.#failed.delete(name);
  }

  /** What failed, and is not wanted any more, is not told of any more. */
  #forgive(changes: readonly Change[]): void {
    for (const name of this.#failed.keys()) {
      if (this.#changing.has(name) || changes.some(change => change.name === name)) continue;
      this.#failed.delete(name);
      this.directory.loading(name, []);
      this.directory.forget(name);
    }
  }

  /** Nothing is done about a name while something is, or while what failed is as it was. */
  #isDue(change: Change): boolean {
    if (this.#changing.has(change.name)) return false;
    const failed = this.#failed.get(change.name);
    return failed === undefined || failed.text !== textOf(change) || this.#ports.clock.now() >= failed.until;
  }

  /** Never rejects. */
  async #follow(change: Change): Promise<void> {
    const { name } = change;
    this.#changing.add(name);
    try {
      const work = (): Promise<void> => this.#apply(change, this.#eager(change));
      await this.#changes.pass(() => this.#turns.take(name, work));
      this.#failed.delete(name);
    } catch {
      const attempt = (this.#failed.get(name)?.attempt ?? -1) + 1;
      const until = this.#ports.clock.now() + pauseBefore(attempt, PAUSES);
      this.#failed.set(name, { attempt, until, text: textOf(change) });
    } finally {
      this.#changing.delete(name);
    }
  }

  /** What must be ready before the change is made: of models that are loaded when asked for, what takes the place of a loaded one. */
  #eager({ name, load }: Change): readonly ModelToServe[] {
    return this.lazy === undefined || this.directory.running(name).length > 0 ? load : [];
  }

  async #apply(change: Change, eager: readonly ModelToServe[]): Promise<void> {
    const { name } = change;
    this.directory.loading(name, eager);
    try {
      const models = await this.#loadAll(eager);
      if (this.#turns.ended) await Promise.all(models.map(model => model.close()));
      else this.#switch(change, models);
    } catch (error: unknown) {
      const problem = messageOf(error);
      for (const one of eager) this.directory.failed(one, problem);
      throw this.#notLoaded(name, asAppError(error));
    }
  }

  #notLoaded(name: string, error: AppError): AppError {
    const problem = error.message;
    this.#ports.logger.log('error', 'model not loaded', { model: name, error: problem });
    return failure('load_failed', { name, problem }, error);
  }

  /** All of them or none. */
  async #loadAll(wanted: readonly ModelToServe[]): Promise<RunningModel[]> {
    const models: RunningModel[] = [];
    try {
      for (const one of wanted) models.push(await this.#loader.load(one));
      return models;
    } catch (error: unknown) {
      await Promise.all(models.map(model => this.#loader.retire(model)));
      throw asAppError(error);
    }
  }

  /** From one moment to the next these models answer to a name, beside those it keeps, and what else did is closed in peace. */
  #switch({ name, load, unload, keep, relabel }: Change, models: readonly RunningModel[]): void {
    const labels = relabel ?? this.#presentOf(name).labels;
    this.#served.set(name, { name, versions: [...keep, ...load], labels });
    const isKept = (model: RunningModel): boolean => keep.some(one => one.version === model.version);
    const staying = [...this.directory.running(name).filter(isKept), ...models];
    const isThere = (one: ModelToServe): boolean => staying.some(model => model.version === one.version);
    const cold = this.lazy === undefined ? [] : [...keep, ...load].filter(one => !isThere(one));
    const leaving = this.directory.replace(name, staying, cold);
    this.directory.relabel(name, labels);
    for (const { metrics } of leaving) metrics.ready.set(0);
    for (const { metrics } of models) metrics.ready.set(1);
    this.#ports.changed();
    void this.#clear(leaving, unload);
  }

  /** Closes what was replaced, and then forgets what is gone for good. Never rejects. */
  async #clear(leaving: readonly RunningModel[], gone: readonly ModelToServe[]): Promise<void> {
    await Promise.all(leaving.map(model => this.#loader.retire(model)));
    for (const one of gone) {
      if (this.#wantedOf(one) === undefined) this.#ports.forget(one);
      if (this.#served.get(one.name)?.versions.length !== 0) continue;
      this.#served.delete(one.name);
      this.directory.forget(one.name);
    }
    const wanted = [...this.#served.values()].flatMap(({ versions }) => versions.map(({ path }) => path));
    this.#ports.source.used?.([...wanted, ...this.#loader.paths()]);
  }
}

/** What can name nothing in a repository, whatever lies there. */
function isName(name: string): boolean {
  return name !== '' && name === name.trim() && !/[/\\\0]|\.\./.test(name);
}

function textOf({ load, unload }: Change): string {
  return JSON.stringify([load, unload]);
}

const states = {
  cold: 'UNAVAILABLE',
  waking: 'LOADING',
  ready: 'READY',
  loading: 'LOADING',
  unloading: 'UNLOADING',
  unavailable: 'UNAVAILABLE',
} as const;

/** What a client reads of a version that is not loaded because nobody asked for it. */
const COLD = 'not loaded: the next request for it loads it';

function indexEntry({
  identity,
  state,
  reason = state === 'cold' ? COLD : '',
}: Entry<RunningModel>): IndexEntry {
  return { ...identity, state: states[state], reason };
}

function statisticsOf({ name, version, statistics }: RunningModel): ServedStatistics {
  return { name, version, ...statistics.snapshot() };
}
