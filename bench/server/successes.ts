/** What a server counts itself: a client of HTTP/2 takes every gRPC answer for a success. */
import type { Server } from '../measure/children.ts';
import type { LoadResult } from './wrk.ts';

/** Predictions that succeeded so far; undefined for a server that does not count them. */
export async function successes({ url }: Server): Promise<number | undefined> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) });
  return successesIn(await response.text());
}

export function successesIn(metrics: string): number | undefined {
  const counts = metrics.matchAll(/^prediction_requests_total\{[^}]*status="success"[^}]*\} (\d+)/gm);
  const sum = [...counts].reduce((total, [, count]) => total + Number(count), 0);
  return metrics.includes('prediction_requests_total{') ? sum : undefined;
}

/** Throws when fewer requests succeeded than the client had answered. */
export function checkSuccesses(
  { requests }: LoadResult,
  before: number | undefined,
  after: number | undefined,
): void {
  if (before === undefined || after === undefined) return;
  if (after - before < requests)
    throw new Error(`${requests} requests were answered, and ${after - before} of them succeeded`);
}
