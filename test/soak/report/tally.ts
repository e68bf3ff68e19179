import type { Family } from '../kind.ts';
import { Latencies } from './latencies.ts';

/** Ways that things of one kind came out, at most; what a server says may hold anything. */
const MOST_OUTCOMES = 40;

/** Faults told in full. */
const MOST_TOLD = 30;

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
  /** The first faults, as they are told. */
  readonly told: string[] = [];
  #faults = 0;

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
    if (this.told.length < MOST_TOLD) this.told.push(row === undefined ? what : `${row.name}: ${what}`);
  }
}
