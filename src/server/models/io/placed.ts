import { messageOf } from '#base';
import type { LoadedModel } from '../../runtimes/port.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { SlowRuns } from '../placement.ts';
import type { Place } from '../settings.ts';
import type { Signature } from '../signature.ts';

/** A model that may leave the event loop. */
export interface Movable {
  /** Loads it in threads. */
  readonly spawn: () => Promise<LoadedModel>;
  readonly moved: (problem?: string) => void;
}

/** Where a model runs for now, and the runs that it has there. */
interface Held {
  readonly model: LoadedModel;
  runs: number;
  /** Another has taken its place. */
  left: boolean;
}

/**
 * A model in its place. One on the event loop whose runs turn out slow is loaded in threads, while it goes on to answer, and
 * then runs there: warming up had to make up the sizes of its inputs, and requests have others.
 */
export class PlacedModel implements LoadedModel {
  readonly signature: Signature;
  readonly #slow = new SlowRuns();
  #held: Held;
  #because: string;
  #movable: Movable | undefined;
  #moving: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(model: LoadedModel, because: string, movable?: Movable) {
    this.signature = model.signature;
    this.#held = { model, runs: 0, left: false };
    this.#because = because;
    this.#movable = movable;
  }

  get place(): Place {
    return this.#held.model.place;
  }

  get width(): number {
    return this.#held.model.width;
  }

  get hopeless(): boolean {
    return this.#held.model.hopeless ?? false;
  }

  get because(): string {
    return this.#because;
  }

  get lastMs(): number {
    return this.#held.model.lastMs ?? 0;
  }

  async run(inputs: readonly Tensor[], traces?: readonly string[]): Promise<readonly Tensor[]> {
    const held = this.#held;
    held.runs++;
    try {
      return await held.model.run(inputs, traces);
    } finally {
      held.runs--;
      // The last of its runs: what cannot be released is left to the process.
      if (held.left && held.runs === 0) void held.model.close().catch(() => undefined);
      if (this.#movable !== undefined) this.#watch(held.model.lastMs ?? 0, this.#movable);
    }
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#movable = undefined;
    await this.#moving;
    await this.#held.model.close();
  }

  #watch(ms: number, movable: Movable): void {
    if (!this.#slow.add(ms)) return;
    this.#movable = undefined;
    this.#moving = this.#move(movable);
  }

  /** One way, and tried once: whoever could not leave stays. */
  async #move({ spawn, moved }: Movable): Promise<void> {
    try {
      const model = await spawn();
      const old = this.#held;
      this.#held = { model, runs: 0, left: false };
      this.#because = 'its runs on the event loop turned out slow';
      old.left = true;
      if (old.runs === 0) await old.model.close();
      moved();
    } catch (error: unknown) {
      moved(messageOf(error));
    }
  }
}
