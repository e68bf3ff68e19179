import { setTimeout } from 'node:timers/promises';
import { Random } from '../../fuzz/random.ts';
import { grpcUnary } from '../clients/grpc.ts';
import { HttpClient } from '../clients/http.ts';
import { plain } from '../clients/plain.ts';
import { askChain, largeDigits } from '../good/questions.ts';
import { placed } from '../models/layout.ts';
import type { Latencies } from '../report/latencies.ts';
import type { Hosted } from '../subject/hosted.ts';
import type { Subjects } from '../subject/subjects.ts';
import type { Sample } from './growth.ts';
import { type Held, moreThan } from './handles.ts';
import { watchHealth } from './health.ts';
import { machineUsed, shareOfOthers } from './machine.ts';
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
  /** Of the machine, by other processes, from 0 to 1; undefined where that is not known. */
  readonly others: number | undefined;
}

const TELLS_EVERY_MS = 5000;

/** For connections to end that nobody uses any more, and threads to come back. Milliseconds. */
const SETTLES_MS = 20_000;

const LOOKS_EVERY_MS = 250;

/** Looks at the subjects until it is told to stop. */
export async function watch(
  { hosted, up }: Subjects,
  signal: AbortSignal,
  onFault: (what: string) => void,
): Promise<Seen> {
  const { place, pid } = hosted;
  const before = machineUsed();
  const [server, gateway, health, told] = await Promise.all([
    watchMemory(pid, signal),
    watchMemory(up.pid, signal),
    watchHealth({ place, pid, signal, onFault }),
    watchWithin(hosted, signal, onFault),
  ]);
  const after = machineUsed();
  const others = before && after && shareOfOthers(before, after);
  return { server, gateway, health, ...told, others };
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

/** What the server holds open when nobody is there, once it has started all that it starts when it is first needed. */
export async function heldOnceUsed(hosted: Hosted): Promise<Held> {
  const before = await heldBy(hosted);
  const [protocol, rpc] = [plain(hosted.place), grpcUnary(hosted.place)];
  await protocol.ask(largeDigits(new Random(0, 'large', 0)));
  await rpc.ask(askChain(new Random(0, 'chain', 0)));
  protocol.close();
  rpc.close();
  const sockets = before.resources['TCPSocketWrap'] ?? 0;
  for (let left = SETTLES_MS / LOOKS_EVERY_MS; left > 0; left--) {
    const held = await heldBy(hosted);
    if ((held.resources['TCPSocketWrap'] ?? 0) <= sockets) return held;
    await setTimeout(LOOKS_EVERY_MS);
  }
  throw new Error('the connections of clients that have left stay open');
}

/** A model that turned out slow while the machine had too much to do has moved to threads: now it is placed anew. */
async function loadAgain({ place, folder }: Hosted): Promise<void> {
  const client = new HttpClient(place, 1);
  const names = new Set(placed(folder).map(({ name }) => name));
  for (const name of names) await client.good({ path: `/v2/repository/models/${name}/load`, body: '' });
  client.close();
}

async function heldBy(hosted: Hosted): Promise<Held> {
  const { resources, threads } = await hosted.usage();
  return { resources, threads, descriptors: descriptorsOf(hosted.pid) };
}

/** What it still holds, a while after the last client has left, that it did not hold at first. */
export async function leftOver(hosted: Hosted, base: Held): Promise<string[]> {
  await loadAgain(hosted);
  const until = performance.now() + SETTLES_MS;
  for (;;) {
    const more = moreThan(base, await heldBy(hosted));
    if (more.length === 0 || performance.now() > until) return more;
    await setTimeout(LOOKS_EVERY_MS);
  }
}
