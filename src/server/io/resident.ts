import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 doubles its young generation under load, to 64 MiB and more; a server is no faster for that. Bytes. */
const ENOUGH_YOUNG = 16 * 2 ** 20;

/** Once for the process. */
let isBounded = false;

/** Sees to it that V8's young generation grows no further than it must: a server holds 30 to 50 MB less under load. */
export function boundYoungGeneration(): void {
  if (isBounded) return;
  isBounded = true;
  // It can only have grown where something was collected, so an idle process has nothing to look after.
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < ENOUGH_YOUNG) return;
    observer.disconnect();
    // It is read each time the young generation is about to grow.
    setFlagsFromString('--semi-space-growth-factor=1');
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** Tells how many bytes the process holds. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/** From this part of the limit on, V8 is to collect what it would let lie. */
const TIGHT = 0.8;

/** V8 collects so often at most because it is asked to. Milliseconds. */
const COLLECT_MS = 3000;

/**
 * The same for a process that is to hold no more than `limit` bytes: whenever it is asked, it sees to it that garbage is
 * collected before it is tight. V8 itself would let twice what lives lie.
 */
export function thriftyMemory(limit: number): () => number {
  let collected = performance.now();
  const collect = collector();
  return () => {
    const now = performance.now();
    if (residentMemory() > limit * TIGHT && now - collected > COLLECT_MS) {
      collect();
      collected = now;
    }
    return residentMemory();
  };
}

/** V8's own collector, which scripts have only where a flag says so. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0;
}
