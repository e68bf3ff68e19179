import { setTimeout } from 'node:timers/promises';
import type { Latencies } from '../report/latencies.ts';
import type { Hosted } from '../subject/hosted.ts';
import type { Subjects } from '../subject/subjects.ts';
import type { Sample } from './growth.ts';
import { type Held, moreThan } from './handles.ts';
import { watchHealth } from './health.ts';
import { watchMemory } from './memory.ts';
import { descriptorsOf } from './process.ts';

/** What was seen of the subjects from outside, and told from within. */
export interface Seen {
  readonly server: readonly Sample[];
  readonly gateway: readonly Sample[];
  readonly health: Latencies;
  /** The event loop's, at most. Milliseconds. */
  readonly delay: { readonly p99: number; readonly most: number };
  /** Threads that have ended: killed, or replaced when their model was loaded again. */
  readonly threadsEnded: number;
  /** MiB at the end: of the heap, and of buffers beside it. */
  readonly heapMib: number;
  readonly externalMib: number;
}

const TELLS_EVERY_MS = 5000;

/** Looks at the subjects until it is told to stop. */
export async function watch(
  { hosted, up }: Subjects,
  signal: AbortSignal,
  onFault: (what: string) => void,
): Promise<Seen> {
  const { place, pid } = hosted;
  const [server, gateway, health, told] = await Promise.all([
    watchMemory(pid, signal),
    watchMemory(up.pid, signal),
    watchHealth({ place, pid, signal, onFault }),
    watchWithin(hosted, signal, onFault),
  ]);
  return { server, gateway, health, ...told };
}

type Within = Pick<Seen, 'delay' | 'threadsEnded' | 'heapMib' | 'externalMib'>;

async function watchWithin(
  hosted: Hosted,
  signal: AbortSignal,
  onFault: (what: string) => void,
): Promise<Within> {
  let seen: Within = { delay: { p99: 0, most: 0 }, threadsEnded: 0, heapMib: 0, externalMib: 0 };
  while (!signal.aborted) {
    await setTimeout(TELLS_EVERY_MS, undefined, { signal }).catch(() => undefined);
    try {
      const { delay, ended: threadsEnded, heapMib, externalMib } = await hosted.usage();
      const p99 = Math.max(seen.delay.p99, delay.p99);
      seen = {
        delay: { p99, most: Math.max(seen.delay.most, delay.most) },
        threadsEnded,
        heapMib,
        externalMib,
      };
    } catch (error: unknown) {
      if (!hosted.ended) onFault(String(error));
      return seen;
    }
  }
  return seen;
}

/** What the server holds open now. */
export async function heldBy(hosted: Hosted): Promise<Held> {
  const { resources, threads } = await hosted.usage();
  return { resources, threads, descriptors: descriptorsOf(hosted.pid) };
}

/** For connections to end that nobody uses any more, and threads to come back. Milliseconds. */
const SETTLES_MS = 20_000;

/** What it still holds, a while after the last client has left, that it did not hold at first. */
export async function leftOver(hosted: Hosted, base: Held): Promise<string[]> {
  const until = performance.now() + SETTLES_MS;
  for (;;) {
    const more = moreThan(base, await heldBy(hosted));
    if (more.length === 0 || performance.now() > until) return more;
    await setTimeout(250);
  }
}
