import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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
