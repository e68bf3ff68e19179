/** The batching policy: pure, so that what it promises can be tested as properties. */
import type { Flush } from '#spec';
import type { Waiting } from './queue.ts';

export interface Policy {
  /** Rows of one run, at most, of requests with a key. */
  readonly maxRows: (key: string) => number;
  /** Rows that are enough now, since what waits can run in several batches at once. */
  readonly portion: () => number;
  /** Milliseconds that a run of so many rows is expected to take. */
  readonly runMs: (key: string, rows: number) => number;
  /** Milliseconds that a request may wait for a batch that is not full. */
  readonly maxDelayMs: number;
}

export interface Taken<T extends Waiting> {
  /** Runs together, now. Empty when nothing waits, or all of it waits for company. */
  readonly batch: readonly T[];
  /** Why it runs now; a batch of more was not to be had. */
  readonly flush: Flush;
  /** Cannot be answered in time any more. */
  readonly late: readonly T[];
  /** Still waiting, in order. */
  readonly rest: readonly T[];
  /** When to ask again, if `rest` waits for company. */
  readonly until?: number;
}

/**
 * Takes the first request of a queue in order, and with it, in order, every other of its key while the rows stay within
 * `maxRows`. A request is never split; one with more rows than `maxRows` runs alone.
 *
 * What a run of that batch would answer too late is dropped, and the batch is filled up again: it is never made smaller
 * to save a request, since then every batch of an overloaded server is small, and most of its capacity is gone
 * (simulated: 60 to 80 % of it). Only when nothing else is left does one run that may be late: estimates may be wrong,
 * and nothing else would correct them.
 *
 * While a batch waits for company, one of another key that is full, or has waited long enough, runs: what comes first in
 * the queue must not leave the model idle while others are ready.
 */
export function take<T extends Waiting>(queue: readonly T[], policy: Policy, now: number): Taken<T> {
  const past = queue.filter(one => one.deadline < now);
  const doubtful: T[] = [];
  /** How long others wait for company. Whoever cannot join them need not wait for that. */
  let until = Infinity;
  let hopeful = past.length === 0 ? queue : queue.filter(one => one.deadline >= now);
  while (hopeful.length > 0) {
    const chosen = gather(hopeful, policy);
    const hopeless = chosen.batch.filter(one => one.deadline < now + chosen.ms);
    if (hopeless.length > 0) {
      const drop = new Set(worst(hopeless, policy, now));
      for (const one of drop) doubtful.push(one);
      hopeful = hopeful.filter(one => !drop.has(one));
      continue;
    }
    const wait = waitsUntil(chosen, policy);
    const late = [...past, ...doubtful];
    if (wait <= now && until === Infinity) return { ...batchOf(chosen, policy), late, rest: chosen.rest };
    if (wait <= now)
      return { ...batchOf(chosen, policy), late, rest: without(queue, [...chosen.batch, ...late]) };
    until = Math.min(until, wait);
    hopeful = chosen.rest.filter(({ key }) => key !== chosen.key);
  }
  const [probe, ...others] = doubtful;
  if (until === Infinity && probe !== undefined)
    return { batch: [probe], flush: 'idle', late: [...past, ...others], rest: [] };
  const late = [...past, ...doubtful];
  return { batch: [], flush: 'delay', late, rest: without(queue, late), ...(until < Infinity && { until }) };
}

interface Chosen<T extends Waiting> {
  readonly key: string;
  readonly batch: readonly T[];
  readonly rest: readonly T[];
  /** Whether the next of its key does not fit any more. */
  readonly full: boolean;
  /** What its run is expected to take. */
  readonly ms: number;
}

/** The first, and its company. */
function gather<T extends Waiting>(queue: readonly T[], { maxRows, portion, runMs }: Policy): Chosen<T> {
  const [first] = queue;
  if (first === undefined) return { key: '', batch: [], rest: [], full: false, ms: 0 };
  const { key } = first;
  const most = maxRows(key);
  const enough = Math.min(most, portion());
  const batch: T[] = [];
  const rest: T[] = [];
  let rows = 0;
  /** Of its key, the first that does not fit. Later, smaller ones must not overtake it. */
  let left: T | undefined;
  for (const one of queue) {
    const fits = batch.length === 0 || rows + one.rows <= enough;
    if (one.key === key && left === undefined && !fits) left = one;
    if (one.key === key && left === undefined) {
      batch.push(one);
      rows += one.rows;
    } else rest.push(one);
  }
  return { key, batch, rest, full: rows + (left?.rows ?? 0) > most || rows >= most, ms: runMs(key, rows) };
}

/** Those that even a run of their own would answer too late; when there are none, the first. */
function worst<T extends Waiting>(hopeless: readonly T[], { runMs }: Policy, now: number): readonly T[] {
  const alone = hopeless.filter(one => one.deadline < now + runMs(one.key, one.rows));
  return alone.length > 0 ? alone : hopeless.slice(0, 1);
}

/** Until when a batch waits for company. */
function waitsUntil<T extends Waiting>({ batch, full, ms }: Chosen<T>, { maxDelayMs }: Policy): number {
  let until = full || maxDelayMs === 0 ? -Infinity : Infinity;
  for (const one of batch) until = Math.min(until, one.since + maxDelayMs, one.deadline - ms);
  return until;
}

function batchOf<T extends Waiting>(
  { batch, full }: Chosen<T>,
  { maxDelayMs }: Policy,
): Pick<Taken<T>, 'batch' | 'flush'> {
  return { batch, flush: full ? 'full' : maxDelayMs === 0 ? 'idle' : 'delay' };
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  const gone = new Set(some);
  return all.filter(one => !gone.has(one));
}
