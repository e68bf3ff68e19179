import type { Family } from '../kind.ts';
import { Latencies } from './latencies.ts';

/** Ways that things of one kind came out, at most; what a server says may hold anything. */
const MOST_OUTCOMES = 40;

/** Kinds of faults that are told. */
const MOST_TOLD = 40;

/** What came of one kind. */
export interface Row {
  readonly name: string;
  readonly family: Family;
  readonly outcomes: Map<string, number>;
  /** Of all that came out in any way but a fault. */
  readonly latencies: Latencies;
  faults: number;
  /** Not begun, as too many were under way. */
  left: number;
}

/** What came of everything, in memory that does not grow. */
export class Tally {
  readonly rows: Row[] = [];
  readonly #now: () => number;
  /** The first of each kind of fault, and how many there were. */
  readonly #told = new Map<string, { readonly text: string; times: number }>();
  #faults = 0;

  /** `now` tells seconds. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  /** Faults as they are told: those that differ only by numbers once. */
  get told(): string[] {
    return [...this.#told.values()].map(({ text, times }) =>
      times === 1 ? text : `${text} (${times} times)`,
    );
  }

  row(name: string, family: Family): Row {
    const row: Row = { name, family, outcomes: new Map(), latencies: new Latencies(), faults: 0, left: 0 };
    this.rows.push(row);
    return row;
  }

  get faults(): number {
    return this.#faults;
  }

  /** How many came out in any way. */
  get done(): number {
    return this.rows.reduce((sum, { latencies, faults }) => sum + latencies.count + faults, 0);
  }

  came(row: Row, outcome: string, ms: number): void {
    const isKnown = row.outcomes.has(outcome) || row.outcomes.size < MOST_OUTCOMES;
    const name = isKnown ? outcome : 'others';
    row.outcomes.set(name, (row.outcomes.get(name) ?? 0) + 1);
    row.latencies.add(ms);
  }

  /** Notes a broken promise, of a kind or of the run as a whole. */
  fault(what: string, row?: Row): void {
    this.#faults++;
    if (row !== undefined) row.faults++;
    const whole = row === undefined ? what : `${row.name}: ${what}`;
    const kind = whole.replaceAll(/[\d.]+/g, '#');
    const known = this.#told.get(kind);
    if (known !== undefined) known.times++;
    else if (this.#told.size < MOST_TOLD)
      this.#told.set(kind, { text: `at ${this.#now().toFixed(0)} s, ${whole}`, times: 1 });
  }
}
