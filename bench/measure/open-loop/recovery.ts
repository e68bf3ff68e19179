/** How long a server takes to be itself again. */
import type { Ledger } from './ledger.ts';
import { type Part, quantile } from './tally.ts';

/** One request: when it was due, from the end of the overload, and how long its answer took; undefined without a good one. */
export interface Served {
  readonly dueMs: number;
  readonly latencyMs: number | undefined;
}

/** So many of what follows must be answered as usual. */
const SHARE = 0.99;

/**
 * The first moment (milliseconds) from which on the p99 is no more than `usualMs`: of all that was due then and later 99 %
 * were answered well and within that. Undefined when that is not so for at least the last quarter of `requests`, which are in
 * the order of their times: too few to tell. Zero when it was so from the start.
 */
export function recoveredAfter(requests: readonly Served[], usualMs: number): number | undefined {
  const usual = requests.map(({ latencyMs }) => latencyMs !== undefined && latencyMs <= usualMs);
  let good = usual.filter(Boolean).length;
  for (const [index, one] of usual.entries()) {
    const left = usual.length - index;
    if (left * 4 < usual.length) return undefined;
    if (good >= SHARE * left) return index === 0 ? 0 : requests[index]?.dueMs;
    if (one) good--;
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
