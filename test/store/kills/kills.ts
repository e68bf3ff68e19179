/** Pulls that are killed at random moments, and what must hold after each. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheState } from '../../../src/store/fixtures/cache-state.ts';
import { type Loopback, startLoopback, startPull } from '../../../src/store/fixtures/loopback-processes.ts';
import { removeAll } from '../../../src/store/io/cache/folders.ts';

const MEGABYTE = 2 ** 20;

export const files: Readonly<Record<string, number>> = {
  'model.onnx': 3 * MEGABYTE + 17,
  'weights/one.bin': 8 * MEGABYTE,
  'weights/two.bin': 10 * MEGABYTE + 1,
  'tokenizer.json': 1234,
  'empty.txt': 0,
};

const total = Object.values(files).reduce((sum, size) => sum + size, 0);

export interface Tally {
  readonly kills: number;
  /** Pulls that came to their end, each after some kills. */
  readonly pulls: number;
  /** Kills that left something half fetched. */
  readonly inTheMiddle: number;
  /** Bytes that were not fetched again thanks to what a killed pull had left. */
  readonly reused: number;
  readonly bytes: number;
  readonly faults: readonly string[];
}

/** Kills so many pulls, and lets the one after each few come to its end. */
export async function killPulls(kills: number, random: () => number): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-kills-'));
  const loopback = await startLoopback(files);
  try {
    return await new Killing(folder, loopback, random).run(kills);
  } finally {
    await loopback.stop();
    await removeAll(folder);
  }
}

class Killing {
  readonly #folder: string;
  readonly #loopback: Loopback;
  readonly #random: () => number;
  readonly #faults: string[] = [];
  /** Milliseconds that a pull takes, as the last whole one did. */
  #usual = 500;
  #proven = 0;
  #round = 0;
  #tally = { kills: 0, pulls: 0, inTheMiddle: 0, reused: 0, bytes: 0 };

  constructor(folder: string, loopback: Loopback, random: () => number) {
    this.#folder = folder;
    this.#loopback = loopback;
    this.#random = random;
  }

  async run(kills: number): Promise<Tally> {
    await this.#pull(undefined);
    while (this.#tally.kills < kills) await this.#pull(this.#random() < 0.75 ? this.#random() : undefined);
    await this.#pull(undefined);
    return { ...this.#tally, faults: this.#faults };
  }

  /** Killed after that share of the time that it would take. */
  async #pull(share: number | undefined): Promise<void> {
    const pull = startPull(this.#folder, this.#loopback, `s3://bucket/m${this.#round}`);
    await pull.pulling;
    const began = performance.now();
    if (share !== undefined) {
      await Promise.race([pause(share * this.#usual), pull.ended]);
      pull.kill();
    }
    const ended = await pull.ended;
    if (ended === undefined && share === undefined)
      this.#faults.push(`pull ${this.#round} did not come to its end`);
    if (share === undefined) this.#usual = performance.now() - began;
    if (ended !== undefined) this.#finished(ended.fetched);
    else this.#tally.kills++;
    await this.#look(ended !== undefined);
  }

  /** It fetched just what had not been there. */
  #finished(fetched: number): void {
    const left = total - this.#proven;
    if (fetched !== left && fetched !== 0)
      this.#faults.push(`a pull fetched ${fetched} bytes, and ${left} were not there`);
    this.#tally.pulls++;
    this.#tally.bytes += fetched;
    this.#tally.reused += this.#proven;
    this.#round++;
  }

  async #look(isFinished: boolean): Promise<void> {
    const { faults, proven } = await cacheState(this.#folder);
    this.#faults.push(...faults);
    if (isFinished && proven > 0)
      this.#faults.push('a pull that came to its end left something half fetched');
    if (!isFinished && proven < this.#proven && proven > 0)
      this.#faults.push(`a kill lost ${this.#proven - proven} bytes that had been there`);
    if (!isFinished && proven > 0) this.#tally.inTheMiddle++;
    this.#proven = proven;
  }
}
