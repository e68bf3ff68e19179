/** How long a server takes to be itself again. */
import type { Ledger } from './ledger.ts';
import { type Part, quantile } from './tally.ts';

/** One request: when it was due, from the end of the overload, and how long its answer took; undefined without a good one. */
export interface Served {
  readonly dueMs: number;
  readonly latencyMs: number | undefined;
}

const SHARE = 0.99;

/**
 * The first moment (milliseconds) from which on the p99 is no more than `usualMs`: of all that was due then and later, all
 * but one in a hundred were answered well and within that; of fewer than a hundred, all but one, since chance alone makes one
 * late. Zero when it was so from the start; undefined when it was so for less than the last quarter of `requests`, which are
 * in the order of their times.
 */
export function recoveredAfter(requests: readonly Served[], usualMs: number): number | undefined {
  const usual = requests.map(({ latencyMs }) => latencyMs !== undefined && latencyMs <= usualMs);
  let bad = usual.filter(one => !one).length;
  for (const [index, one] of usual.entries()) {
    const left = usual.length - index;
    if (left * 4 < usual.length) return undefined;
    if (bad <= Math.max(1, (1 - SHARE) * left)) return index === 0 ? 0 : requests[index]?.dueMs;
    if (!one) bad--;
  }
  return undefined;
}

/**
 * The same for a run of three parts: before, too much, and after. Usual is twice the p99 of the first, or 10 ms more if that
 * is more, and in any case in time.
 */
export function recoveryOf(ledger: Ledger, parts: readonly Part[], deadlineMs: number): number | undefined {
  const [before, overload, after] = parts;
  if (before === undefined || overload === undefined || after === undefined) return undefined;
  const latencies = servedIn(ledger, before, 0).map(({ latencyMs }) => latencyMs);
  const p99 = quantile(
    latencies.filter(latency => latency !== undefined),
    SHARE,
  );
  if (p99 === null) return undefined;
  const usualMs = Math.min(deadlineMs, Math.max(2 * p99, p99 + 10));
  return recoveredAfter(servedIn(ledger, after, overload.until), usualMs);
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
