/** Requests by the revision that answered; `none` stands for the gateway itself. */
export interface Counted {
  readonly revision: string;
  readonly code: number;
  readonly count: number;
}

const NONE = 'none';
const WINDOW_SECONDS = 5;

/** Counts what the gateway answered. It only grows, and its size is bounded by revisions times status codes. */
export class Tally {
  readonly #answers = new Map<string, Map<number, number>>();
  readonly #broken = new Map<string, number>();
  readonly #retries = new Map<string, number>();
  /** Answers in each of the last seconds, by second modulo their number. */
  readonly #recent = Array.from({ length: WINDOW_SECONDS + 1 }, () => ({ second: -1, count: 0 }));
  #firstSecond: number | undefined;

  /** An answer was given to the end; `revision` is absent when the gateway gave it. `now` in milliseconds. */
  answered(revision: string | undefined, code: number, now: number): void {
    const codes = this.#answers.get(revision ?? NONE) ?? new Map<number, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#answers.set(revision ?? NONE, codes);
    this.#tick(now);
  }

  /** An answer began and broke off; it is counted by its code when it began to arrive, and as failed. */
  broke(revision: string, code: number, now: number): void {
    this.answered(revision, code, now);
    if (code < 500) this.#broken.set(revision, (this.#broken.get(revision) ?? 0) + 1);
  }

  /** A request is sent again because the connection to a server of `revision` failed. */
  retried(revision: string): void {
    this.#retries.set(revision, (this.#retries.get(revision) ?? 0) + 1);
  }

  /** Of one revision, or of all and the gateway itself. */
  requests(revision?: string): number {
    return this.#sum(revision, () => true);
  }

  /** Status 500 and above, and what broke off; of one revision, or of all and the gateway itself. */
  failed(revision?: string): number {
    const broken =
      revision === undefined
        ? [...this.#broken.values()].reduce((sum, count) => sum + count, 0)
        : (this.#broken.get(revision) ?? 0);
    return broken + this.#sum(revision, code => code >= 500);
  }

  retries(): number {
    return [...this.#retries.values()].reduce((sum, count) => sum + count, 0);
  }

  counted(): Counted[] {
    return [...this.#answers].flatMap(([revision, codes]) =>
      [...codes].map(([code, count]) => ({ revision, code, count })),
    );
  }

  retriesByRevision(): readonly (readonly [string, number])[] {
    return [...this.#retries];
  }

  /** Answers a second, over the last whole seconds (fewer when it has not counted for as long). */
  rate(now: number): number {
    const second = Math.floor(now / 1000);
    const since = Math.max(second - WINDOW_SECONDS, this.#firstSecond ?? second);
    const counts = this.#recent.filter(one => one.second >= since && one.second < second);
    return counts.reduce((sum, { count }) => sum + count, 0) / Math.max(1, second - since);
  }

  #tick(now: number): void {
    const second = Math.floor(now / 1000);
    this.#firstSecond ??= second;
    const slot = this.#recent[second % this.#recent.length];
    if (slot === undefined) return;
    if (slot.second !== second) [slot.second, slot.count] = [second, 0];
    slot.count += 1;
  }

  #sum(revision: string | undefined, wanted: (code: number) => boolean): number {
    const all = this.counted().filter(one => wanted(one.code));
    const ours = revision === undefined ? all : all.filter(one => one.revision === revision);
    return ours.reduce((sum, { count }) => sum + count, 0);
  }
}
