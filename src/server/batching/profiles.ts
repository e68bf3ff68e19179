/** What is known of a model's runs: a latency table and a batch limit for each shape that its requests have. */
import { type BatchBounds, BatchLimit } from './batch-limit.ts';
import { LatencyTable, type RunTime } from './latency.ts';

/** Clients choose shapes: of more than so many all others are taken as one. */
const MOST_PROFILES = 64;

/** The runs of requests with one key. */
export class Profile {
  readonly table: LatencyTable;
  readonly limit: BatchLimit;
  /** Milliseconds of a full batch; by its turn that may have grown by a row. */
  fullMs: number;

  constructor(bounds: BatchBounds, measured: readonly RunTime[]) {
    this.table = new LatencyTable(measured);
    this.limit = new BatchLimit(bounds, this.table);
    this.fullMs = this.table.bound(this.limit.next);
  }

  ran(run: RunTime): void {
    this.table.learn(run);
    this.limit.ran(run);
    this.fullMs = this.table.bound(this.limit.next);
  }
}

export class Profiles {
  readonly #bounds: BatchBounds;
  readonly #byKey = new Map<string, Profile>();
  #others: Profile | undefined;

  /** `measured` are runs of requests with the key `key`. */
  constructor(bounds: BatchBounds, key: string, measured: readonly RunTime[]) {
    const maxRows = worthwhileRows(measured, bounds.maxRows);
    this.#bounds = { ...bounds, maxRows };
    this.#byKey.set(key, new Profile(this.#bounds, measured));
  }

  of(key: string): Profile {
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    if (this.#byKey.size === MOST_PROFILES) return (this.#others ??= new Profile(this.#bounds, []));
    const made = new Profile(this.#bounds, []);
    this.#byKey.set(key, made);
    return made;
  }
}

/** Of the best rate of rows, how much a smaller batch must reach to be preferred: it answers sooner. */
const ENOUGH = 0.95;

/**
 * The rows of the smallest batch that runs nearly as many rows a second as the best: a model that gains nothing from
 * company, as convolutions on a CPU, should not make anyone wait for it. Where the largest that was measured is the best,
 * larger ones may be better still: `most`.
 */
export function worthwhileRows(measured: readonly RunTime[], most: number): number {
  const rates = measured
    .filter(({ rows, ms }) => rows <= most && ms > 0)
    .map(({ rows, ms }) => ({ rows, rate: rows / ms }))
    .toSorted((a, b) => a.rows - b.rows);
  const best = Math.max(...rates.map(({ rate }) => rate));
  const enough = rates.find(({ rate }) => rate >= ENOUGH * best);
  return enough === undefined || enough === rates.at(-1) ? most : enough.rows;
}
