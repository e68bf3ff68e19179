/** What one model runs next, whom it refuses and whom it lets go: the state behind the executor, without its timers. */
import type { Flush } from '#spec';
import type { ModelSettings } from '../models/settings.ts';
import { expectedMs } from './admit.ts';
import type { RunTime } from './latency.ts';
import type { Pending } from './pending.ts';
import { Profiles } from './profiles.ts';
import { RequestQueue } from './request-queue.ts';
import type { Policy } from './take.ts';

export interface SchedulerOptions {
  /** Whether requests may share a run. */
  readonly batched: boolean;
  readonly settings: ModelSettings;
  /** What runs took when the model was loaded, and the key of those runs. */
  readonly measured: { readonly key: string; readonly runs: readonly RunTime[] };
}

/** Requests that run together. */
export interface Batch {
  readonly requests: readonly Pending[];
  readonly flush: Flush;
  /** When it began, and when it is expected to end, on the clock. */
  readonly begun: number;
  readonly until: number;
}

/** What comes next. */
export interface Next {
  readonly batch: Batch | undefined;
  /** Cannot be answered in time any more. */
  readonly late: readonly Pending[];
  /** When to ask again, if what waits waits for company. */
  readonly until?: number;
}

/** Why a request is better refused at once. */
export type Refusal =
  | { readonly reason: 'queue_full'; readonly limit: string }
  | { readonly reason: 'unreachable'; readonly waitMs: number };

/** What the executor can do just now. */
export interface Capacity {
  /** Runs that may be under way at once. */
  readonly width: number;
  /** Milliseconds that a batch waits for a core. */
  readonly coreMs: number;
  /** Whether a batch waits for a core now. */
  readonly claiming: boolean;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #profiles: Profiles;
  /** What is expected here is the mean, and a bound at admission: who was let in must not be dropped for a little more doubt. */
  readonly #policy: Omit<Policy, 'portion'>;
  readonly #queue = new RequestQueue();
  #running: readonly Batch[] = [];

  constructor(options: SchedulerOptions) {
    const { batched, settings, measured } = options;
    this.#options = options;
    const maxRows = batched ? settings.maxRows : 1;
    this.#profiles = new Profiles({ ...settings, maxRows }, measured.key, measured.runs);
    this.#policy = {
      maxRows: key => this.#profiles.of(key).limit.rows,
      runMs: (key, rows) => this.#profiles.of(key).table.mean(rows),
      maxDelayMs: settings.maxDelayMs,
    };
  }

  /** Rows that wait. */
  get rows(): number {
    return this.#queue.rows;
  }

  /** Whether anything waits. */
  get waits(): boolean {
    return this.#queue.length > 0;
  }

  get running(): readonly Batch[] {
    return this.#running;
  }

  /** Whether a request that comes at `now` should be refused, and why. */
  refusal(pending: Pending, now: number, capacity: Capacity): Refusal | undefined {
    const { rows, bytes } = this.#options.settings.queue;
    if (this.waits && this.#queue.rows + pending.rows > rows)
      return { reason: 'queue_full', limit: `${rows} rows` };
    if (this.waits && this.#queue.bytes + pending.bytes > bytes)
      return { reason: 'queue_full', limit: `${bytes} bytes` };
    const waitMs = this.#expectedMs(pending, now, capacity);
    return now + waitMs > pending.deadline ? { reason: 'unreachable', waitMs } : undefined;
  }

  add(pending: Pending): void {
    this.#queue.add(pending);
  }

  /** Forgets a request that nobody wants any more; false when it does not wait. */
  remove(pending: Pending): boolean {
    return this.#queue.remove(pending);
  }

  /** Takes what runs now, where so many runs may be under way at once. It is running then, until it is `done`. */
  next(now: number, width: number): Next {
    const policy = { ...this.#policy, portion: () => this.#portion(width) };
    const { batch: requests, flush, late, until } = this.#queue.take(policy, now);
    const [first] = requests;
    if (first === undefined) return { batch: undefined, late, ...(until !== undefined && { until }) };
    const batch = { requests, flush, begun: now, until: now + policy.runMs(first.key, rowsOf(requests)) };
    this.#running = [...this.#running, batch];
    return { batch, late };
  }

  /** The model ran so many rows of a batch, or of a part of it. What a run of none took says nothing of others. */
  ran({ requests }: Batch, run: RunTime): void {
    const [first] = requests;
    if (first !== undefined && run.rows > 0) this.#profiles.of(first.key).ran(run);
  }

  done(batch: Batch): void {
    this.#running = this.#running.filter(one => one !== batch);
  }

  /** Takes out all that waits whose deadline is before `now`. */
  expired(now: number): readonly Pending[] {
    return this.#queue.expired(now);
  }

  /** The nearest deadline of all that wait; Infinity when nothing does. */
  nearest(): number {
    return this.#queue.nearest();
  }

  /** Until a request is answered; nothing for an idle model, which tries whatever its table says. */
  #expectedMs(pending: Pending, now: number, { width, coreMs, claiming }: Capacity): number {
    if (!this.waits && !claiming && this.#running.length < width) return 0;
    const { table, limit, fullMs } = this.#profiles.of(pending.key);
    const { rows } = limit;
    const ms = (pending.rows > rows ? table.bound(pending.rows) : fullMs) + coreMs;
    const ahead = { rows: this.#queue.rowsBefore(pending), busyMs: this.#busyMs(now, width), width };
    return expectedMs(ahead, { rows, ms });
  }

  /** Until a run may begin. */
  #busyMs(now: number, width: number): number {
    if (this.#running.length < width || width === 0) return 0;
    let first = Infinity;
    for (const { until } of this.#running) first = Math.min(first, until);
    return Math.max(0, first - now);
  }

  /** What waits is shared by all that could run it now, unless fuller batches are wanted. */
  #portion(width: number): number {
    const free = width - this.#running.length;
    const even = free > 1 && this.#options.settings.maxDelayMs === 0;
    return even ? Math.ceil(this.#queue.rows / free) : Infinity;
  }
}

function rowsOf(requests: readonly Pending[]): number {
  return requests.reduce((sum, { rows }) => sum + rows, 0);
}
