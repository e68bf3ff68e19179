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

/** What is believed of runs with about so many rows. */
interface Belief extends RunTime {
  readonly deviation: number;
}

/**
 * A latency table: what a run of so many rows takes, in cells of 1, 2, 3 to 4, 5 to 8 rows, and so on.
 *
 * Sizes that no longer run teach nothing any more, though they may be what keeps that size from running. So a cell is only
 * believed within what fresher ones allow: more rows take no less time, and no more than in proportion.
 */
export class LatencyTable {
  /** The freshest first. */
  #fresh: readonly Belief[] = [];
  /** By rows. */
  #beliefs: readonly Belief[] = [];

  constructor(measured: readonly RunTime[] = []) {
    for (const run of measured) this.learn(run);
  }

  /** A run of no rows counts as one of one. */
  learn({ rows: given, ms }: RunTime): void {
    const rows = Math.max(1, given);
    const index = cellOf(rows);
    const known = this.#beliefs.find(belief => cellOf(belief.rows) === index);
    // What was no longer believed must not come back with the next run.
    const belief = known === undefined ? first({ rows, ms }) : blend(known, { rows, ms });
    this.#fresh = [belief, ...this.#fresh.filter(other => cellOf(other.rows) !== index)];
    this.#fresh = believed(this.#fresh);
    this.#beliefs = this.#fresh.toSorted((a, b) => a.rows - b.rows);
  }

  /**
   * Milliseconds that a run of so many rows rarely exceeds; 0 while nothing is known. Between two cells on the line through
   * them; beyond the last, in proportion to the rows, which is more than it will be.
   */
  bound(rows: number): number {
    return this.#between(rows, boundOf);
  }

  /** Milliseconds that a run of so many rows takes on the whole. */
  mean(rows: number): number {
    return this.#between(rows, ({ ms }) => ms);
  }

  #between(rows: number, of: (belief: Belief) => number): number {
    const place = this.#beliefs.findIndex(belief => belief.rows >= rows);
    const above = this.#beliefs[place];
    const below = place === -1 ? this.#beliefs.at(-1) : this.#beliefs[place - 1];
    if (below === undefined) return above === undefined ? 0 : of(above);
    if (above === undefined) return (of(below) * rows) / below.rows;
    const part = (rows - below.rows) / (above.rows - below.rows);
    return of(below) + part * Math.max(0, of(above) - of(below));
  }
}

function cellOf(rows: number): number {
  return Math.ceil(Math.log2(rows));
}

function first({ rows, ms }: RunTime): Belief {
  return { rows, ms, deviation: ms / 4 };
}

function blend(known: Belief, { rows, ms }: RunTime): Belief {
  return {
    rows: known.rows + MEAN_GAIN * (rows - known.rows),
    ms: known.ms + MEAN_GAIN * (ms - known.ms),
    deviation: known.deviation + DEVIATION_GAIN * (Math.abs(ms - known.ms) - known.deviation),
  };
}

function boundOf({ ms, deviation }: Belief): number {
  return ms + DEVIATIONS * deviation;
}

/** Each, the freshest first, within what those before it allow. */
function believed(beliefs: readonly Belief[]): readonly Belief[] {
  const fresher: Belief[] = [];
  for (const belief of beliefs) {
    const ms = within(belief.ms, belief.rows, fresher, one => one.ms);
    const bound = within(boundOf(belief), belief.rows, fresher, boundOf);
    fresher.push({ rows: belief.rows, ms, deviation: Math.max(0, bound - ms) / DEVIATIONS });
  }
  return fresher;
}

/** The nearest to `ms` that runs of other sizes allow for this one: no less than fewer rows take, and so on. */
function within(
  ms: number,
  rows: number,
  fresher: readonly Belief[],
  of: (belief: Belief) => number,
): number {
  let least = 0;
  let most = Infinity;
  for (const belief of fresher) {
    const proportional = (of(belief) * rows) / belief.rows;
    least = Math.max(least, Math.min(of(belief), proportional));
    most = Math.min(most, Math.max(of(belief), proportional));
  }
  // Where they disagree among themselves, the lower: what is too low is corrected by the next run.
  return Math.min(Math.max(ms, least), most);
}
