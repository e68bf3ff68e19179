import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** V8 doubles its young generation under load, to 64 MiB and more, which is as much as hundreds of small models. Bytes. */
const ENOUGH_YOUNG = 16 * 2 ** 20;

/** Tells how many bytes the process holds. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/** The same for a process that is to stay small: whenever it is asked, it sees to it that V8's young generation does. */
export function thriftyMemory(): () => number {
  let isBounded = false;
  return () => {
    if (!isBounded && youngBytes() >= ENOUGH_YOUNG) {
      // It is read each time the young generation is about to grow.
      setFlagsFromString('--semi-space-growth-factor=1');
      isBounded = true;
    }
    return residentMemory();
  };
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0;
}
