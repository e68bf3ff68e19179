/** Lets every kind happen again and again, at its rate. */
import { setTimeout } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import type { Kind } from './kind.ts';
import type { Row, Tally } from './report/tally.ts';

/** Nothing takes longer, whatever else is going on. Milliseconds. */
const MOST_ACT_MS = 40_000;

export interface DriverOptions {
  readonly seed: number;
  readonly tally: Tally;
  /** No more is begun from then on. */
  readonly signal: AbortSignal;
}

/** Resolves once the signal was given and all that was begun has ended. */
export async function drive(kinds: readonly Kind[], options: DriverOptions): Promise<void> {
  await Promise.all(kinds.map(kind => new Pace(kind, options).run()));
}

/** One kind, and what of it is under way. */
class Pace {
  readonly #kind: Kind;
  readonly #options: DriverOptions;
  readonly #row: Row;
  #underway = 0;
  #onIdle: (() => void) | undefined;

  constructor(kind: Kind, options: DriverOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#row = options.tally.row(kind.name, kind.family);
  }

  async run(): Promise<void> {
    const { name, rate, most } = this.#kind;
    const { seed, signal } = this.#options;
    let due = performance.now();
    for (let round = 0; !signal.aborted; round++) {
      const random = new Random(seed, name, round);
      due += ((0.5 + random.below(1000) / 1000) * 1000) / rate;
      await setTimeout(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      // After a stall, what was missed is not made up for.
      due = Math.max(due, performance.now() - 1000);
      if (this.#underway < most) void this.#act(random);
      else this.#row.left++;
    }
    if (this.#underway > 0) await new Promise<void>(resolve => (this.#onIdle = resolve));
  }

  async #act(random: Random): Promise<void> {
    const { tally } = this.#options;
    const since = performance.now();
    this.#underway++;
    try {
      const words = await withinTime(this.#kind.act(random));
      tally.came(this.#row, words, performance.now() - since);
    } catch (error: unknown) {
      tally.fault(sentenceOf(error), this.#row);
    }
    this.#underway--;
    if (this.#underway === 0) this.#onIdle?.();
  }
}

async function withinTime(act: Promise<string>): Promise<string> {
  const timer = new AbortController();
  const late = setTimeout(MOST_ACT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`it did not end in ${MOST_ACT_MS / 1000} s`);
  });
  late.catch(() => undefined);
  return Promise.race([act, late]).finally(() => timer.abort());
}

const MOST_TEXT = 600;

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, MOST_TEXT);
}
