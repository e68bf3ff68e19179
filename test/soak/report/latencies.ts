/** Of the largest in a bucket to the largest in the one before. */
const RATIO = 1.1;

/** Milliseconds of the first bucket. */
const FIRST_MS = 0.05;

const BUCKETS = 160;

/** How long things took, in memory that does not grow: quantiles are right to a tenth. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #most = 0;

  get count(): number {
    return this.#count;
  }

  /** Milliseconds. */
  get most(): number {
    return this.#most;
  }

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / Math.log(RATIO));
    const at = Math.min(BUCKETS - 1, bucket);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
    this.#most = Math.max(this.#most, ms);
  }

  /** Milliseconds that this share took at most, from 0 to 1; 0 where nothing was added. */
  quantile(share: number): number {
    const wanted = Math.ceil(share * this.#count);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return Math.min(this.#most, FIRST_MS * RATIO ** bucket);
    }
    return this.#most;
  }
}
