import type { Border } from './border.ts';
import type { Case } from './case.ts';
import { Random } from './random.ts';

/** Inputs that others are made from, at most; what is new beyond them is passed over. */
const MOST_POOL = 3000;

/** What takes longer is not kept beyond the run: all that is kept is taken again in every test. Milliseconds. */
const MOST_KEPT_MS = 300;

/** An input, and the round it was made in. */
export interface Made {
  readonly round: number;
  readonly one: Case;
}

const FIRST_WORDS = 4;

const MOST_OF_KIND = 30;

/** What was seen of one border. */
export interface Tally {
  inputs: number;
  /** Milliseconds of the slowest input, and its round. */
  slowest: number;
  slowestRound: number;
  /** How often each outcome came. */
  readonly outcomes: Map<string, number>;
}

/**
 * Makes the inputs of one border, and learns from what becomes of them: whatever led to something new is changed further.
 * The same seed and corpus make the same inputs, as long as the border answers the same.
 */
export class Fuzzer {
  readonly border: Border;
  readonly tally: Tally = { inputs: 0, slowest: 0, slowestRound: 0, outcomes: new Map() };
  /** Inputs that led to something that none in the corpus does, by what that was. */
  readonly finds = new Map<string, Case>();
  readonly #seed: number;
  readonly #pool: Case[];
  /** Outcomes by how they begin. */
  readonly #kinds = new Map<string, number>();
  #round = 0;

  constructor(border: Border, corpus: readonly Case[], seed: number) {
    this.border = border;
    this.#seed = seed;
    this.#pool = [...corpus];
  }

  /** The input of the next round. */
  next(): Made {
    const round = this.#round++;
    const random = new Random(this.#seed, this.border.name, round);
    const isFresh = this.#pool.length === 0 || random.chance(0.4);
    const one = isFresh
      ? this.border.make(random)
      : this.border.change(random.pick(this.#pool), random.pick(this.#pool), random);
    return { round, one };
  }

  /** Notes what an input of the corpus leads to. */
  known(words: string): void {
    this.tally.outcomes.set(words, 0);
  }

  /** Notes what became of an input after so many milliseconds, and keeps it when that is new. */
  learn({ round, one }: Made, words: string, ms: number): void {
    const { tally } = this;
    tally.inputs++;
    if (ms > tally.slowest) {
      tally.slowest = ms;
      tally.slowestRound = round;
    }
    const before = tally.outcomes.get(words);
    if (before !== undefined) tally.outcomes.set(words, before + 1);
    if (before !== undefined || !this.#isNew(words)) return;
    tally.outcomes.set(words, 1);
    this.#pool.push(one);
    if (ms < MOST_KEPT_MS) this.finds.set(words, one);
  }

  /** Messages quote what was sent: of those that begin alike, some are enough. */
  #isNew(words: string): boolean {
    const kind = words.split(' ', FIRST_WORDS).join(' ');
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, count);
    return count <= MOST_OF_KIND && this.#pool.length < MOST_POOL;
  }
}
