import type { Refusals } from '#net';
import type { Registry } from './registry.ts';

/** The counts of who was not let in; call what it returns before reading them. */
export function refusalMetrics(registry: Registry, refusals: Refusals | undefined): () => void {
  const told = new Map<string, number>();
  return () => {
    for (const [reason, count] of refusals?.counted() ?? []) {
      registry.counter('requests_refused_total', { reason }).add(count - (told.get(reason) ?? 0));
      told.set(reason, count);
    }
  };
}
