import { availableParallelism, totalmem } from 'node:os';
import { type Clock, failure, type Logger } from '#base';
import { FileStamp } from '../../runtimes/io/file-stamp.ts';
import type { InstancedModel, InstanceNotice, LoadedModel, Runtime } from '../../runtimes/port.ts';
import {
  besideOnly,
  type Found,
  type Machine,
  type Placement,
  placementOf,
  trialPlace,
} from '../placement.ts';
import type { ModelSettings } from '../settings.ts';
import { type Warmth, warmUp } from '../warm.ts';
import { type Movable, PlacedModel } from './placed.ts';

export interface PlacingPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Runtime;
  /** Whether requests are being answered: then nothing may hold the event loop. */
  readonly serving?: () => boolean;
}

/** What is loaded, and the words for it in the log. */
export interface Placeable {
  readonly path: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Placed {
  readonly model: LoadedModel;
  readonly warmth: Warmth;
  /** Bytes that it added to the process, as far as that can be told; its files' for each of its sessions at least. */
  readonly memory: number;
}

/** Beyond what the files have, growth of the process is taken for the model's up to so much. Bytes, for each session. */
const MOST_OVERHEAD = 32 * 2 ** 20;

/**
 * Loads a model, warms it up, measures it, and puts it where it is to run. When an instance dies meanwhile, what was found out is
 * not to be believed, and all of it is done once more. Throws what says why the model cannot be served; then nothing of it is
 * left.
 */
export async function loadPlaced(
  placeable: Placeable,
  settings: ModelSettings,
  ports: PlacingPorts,
): Promise<Placed> {
  const loading = new Loading(placeable, settings, ports);
  try {
    const placed = await loading.load();
    if (!loading.lostInstance) return placed;
    await placed.model.close();
  } catch (error: unknown) {
    if (!loading.lostInstance) throw error;
  }
  return new Loading(placeable, settings, ports).load();
}

function buildMsOf(model: LoadedModel): number {
  return 'buildMs' in model ? (model as InstancedModel).buildMs : 0;
}

/** Growth is noisy: other requests are answered meanwhile. */
function memoryOf(bytes: number, growth: number, sessions: number): number {
  return Math.max(bytes, Math.min(growth, 4 * bytes + MOST_OVERHEAD * sessions));
}

function machine(): Machine {
  const limit = process.constrainedMemory();
  return { cores: availableParallelism(), memory: limit > 0 ? Math.min(limit, totalmem()) : totalmem() };
}

/** One model on its way to its place. */
class Loading {
  readonly #placeable: Placeable;
  readonly #settings: ModelSettings;
  readonly #ports: PlacingPorts;
  readonly #stamp: FileStamp;
  /** Whether an instance of the model has died. */
  lostInstance = false;

  constructor(placeable: Placeable, settings: ModelSettings, ports: PlacingPorts) {
    this.#stamp = new FileStamp([placeable.path]);
    this.#placeable = placeable;
    this.#settings = settings;
    this.#ports = ports;
  }

  async load(): Promise<Placed> {
    const { runtime, clock, serving = () => false } = this.#ports;
    const settings = this.#settings;
    const bytes = (await runtime.beside?.weigh(this.#placeable.path)) ?? 0;
    const before = process.memoryUsage.rss();
    const trial = await this.#trial(trialPlace(settings, bytes, serving()) === 'inline');
    try {
      const warmth = await warmUp(trial, { clock, maxRows: settings.maxRows });
      const { measured = [] } = warmth;
      const found = { bytes, measured, place: trial.place, buildMs: buildMsOf(trial) };
      const model = await this.#settle(trial, this.#placement(found));
      const memory = memoryOf(bytes * model.width, process.memoryUsage.rss() - before, model.width);
      return { model, warmth, memory };
    } catch (error: unknown) {
      await trial.close();
      throw error;
    }
  }

  async #trial(isInline: boolean): Promise<LoadedModel> {
    const { load, beside } = this.#ports.runtime;
    const { path } = this.#placeable;
    if (load !== undefined && (isInline || beside === undefined)) return load(path, this.#settings);
    return this.#spawn(1);
  }

  #placement(found: Found): Placement {
    const { load, beside } = this.#ports.runtime;
    if (beside === undefined) return { place: 'inline', because: 'its runtime has no threads', instances: 1 };
    if (load === undefined) return besideOnly(this.#settings, beside.place);
    return placementOf(this.#settings, found, machine());
  }

  /** The model in its place; of the trial nothing is left that is not part of it. */
  async #settle(trial: LoadedModel, { place, instances, because }: Placement): Promise<LoadedModel> {
    if (place !== 'inline') return new PlacedModel(await this.#widened(trial, instances), because);
    const model = trial.place === 'inline' ? trial : await this.#trial(true);
    if (model !== trial) await trial.close();
    return new PlacedModel(model, because, this.#movable(instances));
  }

  async #widened(trial: LoadedModel, instances: number): Promise<LoadedModel> {
    if (trial.place !== 'inline') {
      await (trial as InstancedModel).widen(instances);
      return trial;
    }
    const model = await this.#spawn(instances);
    await trial.close();
    return model;
  }

  async #spawn(instances: number): Promise<LoadedModel> {
    const { beside } = this.#ports.runtime;
    if (beside === undefined) throw failure('internal', { problem: 'a runtime runs models nowhere' });
    return beside.spawn(this.#placeable.path, {
      ...this.#settings,
      instances,
      notice: one => this.#tell(one),
    });
  }

  /** Only what was put on the event loop by measurement leaves it by measurement. */
  #movable(instances: number): Movable | undefined {
    if (this.#settings.place !== 'auto' || this.#ports.runtime.beside === undefined) return undefined;
    const spawn = async (): Promise<LoadedModel> => {
      this.#stamp.check();
      return this.#spawn(instances);
    };
    return { spawn, moved: problem => this.#tellMoved(problem) };
  }

  #tellMoved(problem: string | undefined): void {
    const { facts } = this.#placeable;
    const { logger } = this.#ports;
    if (problem === undefined)
      logger.log('info', 'model moved to threads, as its runs turned out slow', facts);
    else logger.log('warn', 'model could not move to threads', { ...facts, problem });
  }

  #tell({ kind, problem, deaths }: InstanceNotice): void {
    const { facts } = this.#placeable;
    const { logger, runtime } = this.#ports;
    const what = runtime.beside?.place === 'processes' ? 'model process' : 'model thread';
    this.lostInstance ||= kind === 'died';
    if (kind === 'restarted') logger.log('info', `${what} started again`, facts);
    else if (kind === 'died') logger.log('warn', `${what} died`, { ...facts, problem, deaths });
    else logger.log('error', `${what} does not come back`, { ...facts, problem, deaths });
  }
}
