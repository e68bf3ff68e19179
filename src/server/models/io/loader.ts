import { failure, messageOf } from '#base';
import type { Directory } from '../directory.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { RunningModel } from '../running.ts';
import type { ModelSettings, Place } from '../settings.ts';
import { Gate } from './gate.ts';
import { type LoadPorts, loadModel, type ModelToServe, runtimeFor } from './load.ts';

/** Loads under way at once: one that takes long must not keep all others waiting. */
const MOST_LOADS = 4;

/** For models in use to be left, so that one of them can make room. Milliseconds. */
const MOST_WAIT_MS = 30_000;

/** Files up to this size are those of a small model. Bytes. */
const SMALL_FILES = 2 ** 20;

/** What a worker thread takes beside the weights of its model. Bytes. */
const THREAD_BYTES = 32 * 2 ** 20;

export interface LoaderPorts extends LoadPorts {
  readonly settings: ModelSettings;
  readonly directory: Directory<RunningModel>;
  /** Without it, memory is not looked at. */
  readonly budget?: MemoryBudget | undefined;
  /** Bytes that the process holds. */
  readonly resident: () => number;
  /** Called after each change of what is ready. */
  readonly changed: () => void;
}

/** Loads and closes models, within the memory that there is for them. */
export class Loader {
  readonly #ports: LoaderPorts;
  readonly #gate = new Gate(MOST_LOADS);
  /** The bytes of the files of each model that is loaded, and of its threads, for every session that it has. */
  readonly #held = new Map<RunningModel, number>();
  /** Where each of them lies. */
  readonly #paths = new Map<RunningModel, string>();
  /** Closings that are under way. */
  readonly #closing = new Set<Promise<void>>();

  constructor(ports: LoaderPorts) {
    this.#ports = ports;
  }

  /** Throws what says why a model cannot be served, `model_too_large`, or `overloaded` when no room could be made. */
  load(wanted: ModelToServe): Promise<RunningModel> {
    return this.#gate.pass(async () => {
      const { budget } = this.#ports;
      const runtime = runtimeFor(wanted, this.#ports);
      const files = (await runtime.beside?.weigh(wanted.path)) ?? 0;
      const usual = this.#settingsFor(files);
      const { place = usual.place } = wanted.settings ?? {};
      const bytes = bytesIn(place, files);
      if (budget !== undefined) await this.#makeRoom(budget, wanted.name, bytes);
      let held = 0;
      try {
        const model = await loadModel(wanted, usual, { ...this.#ports, runtime });
        held = bytesIn(model.running.place, files) * model.running.width;
        this.#held.set(model, held);
        this.#paths.set(model, wanted.path);
        return model;
      } finally {
        budget?.settle(bytes, held);
      }
    });
  }

  /**
   * Where many models share little memory, a small one that does not say otherwise runs on the event loop: a thread alone
   * would take more memory than hundreds of them, and longer to start than they take to load. Nor does it keep memory for
   * its next run.
   */
  #settingsFor(bytes: number): ModelSettings {
    const { settings, budget } = this.#ports;
    const isSmall = budget !== undefined && bytes <= SMALL_FILES;
    if (!isSmall) return settings;
    return { ...settings, arena: false, place: settings.place === 'auto' ? 'inline' : settings.place };
  }

  /** Closes a model that nobody comes to any more, once the last that use it have left. */
  async retire(old: RunningModel): Promise<void> {
    const { logger, directory } = this.#ports;
    const { name: model, version } = old;
    const closed = this.#close(old);
    this.#closing.add(closed);
    try {
      await closed;
      logger.log('info', 'model unloaded', { model, version });
    } catch (error: unknown) {
      logger.log('error', 'model not unloaded', { model, version, error: messageOf(error) });
    }
    this.#closing.delete(closed);
    directory.gone(old);
  }

  /** Where the models lie that are loaded, those that are being closed among them: an instance may be started again. */
  paths(): readonly string[] {
    return [...this.#paths.values()];
  }

  /** Closes every model, in use or not. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#held.keys(), model => model.close()));
  }

  /** Unloads what was not used for longest, until there is room. Reserves it. */
  async #makeRoom(budget: MemoryBudget, name: string, bytes: number): Promise<void> {
    budget.check(name, bytes);
    const until = this.#ports.clock.now() + MOST_WAIT_MS;
    while (!budget.hasRoom(bytes)) {
      const idle = this.#leastRecent();
      if (idle !== undefined) await this.#evict(idle);
      else if (!(await this.#someoneLeaves(until))) break;
    }
    budget.reserve(bytes);
  }

  async #evict(model: RunningModel): Promise<void> {
    this.#ports.directory.chill(model);
    model.metrics.ready.set(0);
    model.metrics.evictions.add(1);
    this.#ports.changed();
    await this.retire(model);
  }

  /**
   * Waits until a model is used no longer, or closed. False when there is none left that could be: then what the server
   * holds is its own, and one model must always be possible. Throws `overloaded` after a time.
   */
  async #someoneLeaves(until: number): Promise<boolean> {
    const { directory, clock, budget } = this.#ports;
    const left = until - clock.now();
    const leaving = [...directory.running().map(model => model.unused()), ...this.#closing];
    if (leaving.length === 0) return false;
    const timer = Promise.withResolvers<'late'>();
    const handle = setTimeout(() => timer.resolve('late'), Math.max(0, left));
    const which = await Promise.race([...leaving, timer.promise]);
    clearTimeout(handle);
    if (which !== 'late') return true;
    throw failure('overloaded', { limit: `${budget?.limit} bytes of memory, all of it in use` });
  }

  /** What was not used for longest of those that nobody uses. */
  #leastRecent(): RunningModel | undefined {
    const { directory } = this.#ports;
    let found: RunningModel | undefined;
    for (const model of this.#held.keys()) {
      if (model.inUse || (found !== undefined && model.lastUse > found.lastUse)) continue;
      if (directory.readyOf(model) === model) found = model;
    }
    return found;
  }

  async #close(old: RunningModel): Promise<void> {
    await old.unused();
    const { budget, resident } = this.#ports;
    const before = resident();
    try {
      await old.retire();
    } finally {
      budget?.leave(this.#held.get(old) ?? 0, before - resident());
      this.#held.delete(old);
      this.#paths.delete(old);
    }
  }
}

/** What a session takes of this process, as far as that is known; it is tried in a thread where that is not decided. */
function bytesIn(place: 'auto' | Place, files: number): number {
  return place === 'inline' ? files : files + THREAD_BYTES;
}
