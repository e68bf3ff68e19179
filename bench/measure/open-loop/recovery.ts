/** How long a server takes to be itself again. */
import type { Ledger } from './ledger.ts';
import { type Part, quantile } from './tally.ts';

/** One request: when it was due, from the end of the overload, and how long its answer took; undefined without a good one. */
export interface Served {
  readonly dueMs: number;
  readonly latencyMs: number | undefined;
}

const SHARE = 0.99;

/** What is usual: how long an answer takes, and which share of the requests gets none within that. */
export interface Usual {
  readonly ms: number;
  readonly misses: number;
}

/**
 * The first moment (milliseconds) from which on it is as usual: of all that was due then and later, no greater share was
 * missed, or one request alone, which is chance. Zero when it was so from the start; undefined when it was so for less than
 * the last quarter of `requests`, which are in the order of their times.
 */
export function recoveredAfter(requests: readonly Served[], usual: Usual): number | undefined {
  const missed = requests.map(one => isMissed(one, usual.ms));
  let bad = missed.filter(Boolean).length;
  for (const [index, one] of missed.entries()) {
    const left = missed.length - index;
    if (left * 4 < missed.length) return undefined;
    if (bad <= Math.max(1, usual.misses * left)) return index === 0 ? 0 : requests[index]?.dueMs;
    if (one) bad--;
  }
  return undefined;
}

/**
 * The same for a run of three parts: before, too much, and after. Usual is in time and within twice the p99 of the first
 * part, or 10 ms more if that is more; and that as many miss it as in the first part, or one in a hundred if that is more.
 */
export function recoveryOf(ledger: Ledger, parts: readonly Part[], deadlineMs: number): number | undefined {
  const [before, overload, after] = parts;
  if (before === undefined || overload === undefined || after === undefined) return undefined;
  const first = servedIn(ledger, before, 0);
  const answered = first.map(({ latencyMs }) => latencyMs).filter(latency => latency !== undefined);
  const p99 = quantile(answered, SHARE);
  if (p99 === null) return undefined;
  const ms = Math.min(deadlineMs, Math.max(2 * p99, p99 + 10));
  const misses = first.filter(one => isMissed(one, ms)).length / first.length;
  const usual = { ms, misses: Math.max(1 - SHARE, misses) };
  return recoveredAfter(servedIn(ledger, after, overload.until), usual);
}

function isMissed({ latencyMs }: Served, ms: number): boolean {
  return latencyMs === undefined || latencyMs > ms;
}

function servedIn({ due, done, fate }: Ledger, { first, end }: Part, from: number): Served[] {
  return Array.from({ length: end - first }, (_, index) => {
    const request = first + index;
    const dueMs = (due[request] ?? 0) - from;
    return {
      dueMs,
      latencyMs: fate[request] === 200 ? (done[request] ?? 0) - (due[request] ?? 0) : undefined,
    };
  });
}
