/** How long runs take, by their rows: learnt from every run, and asked before each. */

/** A run, or what one is expected to be. */
export interface RunTime {
  readonly rows: number;
  readonly ms: number;
}

/** Weights of the newest run in the mean and in the deviation, as TCP estimates its round trips (RFC 6298, section 2). */
const MEAN_GAIN = 1 / 8;
const DEVIATION_GAIN = 1 / 4;

/** Deviations above the mean: what a run takes is rarely more. */
const DEVIATIONS = 3;

/** Runs of about the same number of rows. */
interface Cell {
  rows: number;
  ms: number;
  deviation: number;
}

/** A latency table: what a run of so many rows takes, in cells of 1, 2, 3 to 4, 5 to 8 rows, and so on. */
export class LatencyTable {
  readonly #cells: (Cell | undefined)[] = [];

  constructor(measured: readonly RunTime[] = []) {
    for (const run of measured) this.learn(run);
  }

  /** A run of no rows counts as one of one. */
  learn({ rows: given, ms }: RunTime): void {
    const rows = Math.max(1, given);
    const index = cellOf(rows);
    const cell = this.#cells[index];
    if (cell === undefined) {
      this.#cells[index] = { rows, ms, deviation: ms / 4 };
      return;
    }
    cell.deviation += DEVIATION_GAIN * (Math.abs(ms - cell.ms) - cell.deviation);
    cell.ms += MEAN_GAIN * (ms - cell.ms);
    cell.rows += MEAN_GAIN * (rows - cell.rows);
  }

  /**
   * Milliseconds that a run of so many rows rarely exceeds; 0 while nothing is known. Between two cells on the line through
   * them; beyond the last, in proportion to the rows, which is more than it will be.
   */
  bound(rows: number): number {
    return this.#between(rows, ({ ms, deviation }) => ms + DEVIATIONS * deviation);
  }

  /** Milliseconds that a run of so many rows takes on the whole. */
  mean(rows: number): number {
    return this.#between(rows, ({ ms }) => ms);
  }

  #between(rows: number, of: (cell: Cell) => number): number {
    const [below, above] = this.#around(rows);
    if (below === undefined) return above === undefined ? 0 : of(above);
    if (above === undefined) return (of(below) * Math.max(rows, below.rows)) / below.rows;
    const part = Math.min(1, Math.max(0, (rows - below.rows) / (above.rows - below.rows)));
    return of(below) + part * Math.max(0, of(above) - of(below));
  }

  /** The cells whose rows enclose so many, where there are such. */
  #around(rows: number): [Cell | undefined, Cell | undefined] {
    let below: Cell | undefined;
    for (const cell of this.#cells) {
      if (cell === undefined) continue;
      if (cell.rows >= rows) return cell.rows === rows ? [cell, undefined] : [below, cell];
      below = cell;
    }
    return [below, undefined];
  }
}

function cellOf(rows: number): number {
  return rows <= 1 ? 0 : Math.ceil(Math.log2(rows));
}
