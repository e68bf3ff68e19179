/** Where a model is to run: on the event loop, where everything else waits for it, or beside it. Pure, with its reasons. */
import type { RunTime } from '../batching/latency.ts';
import type { InstancePlace } from '../runtimes/port.ts';
import type { ModelSettings, Place } from './settings.ts';

/** Up to these a run is so short that handing it to a thread would take as long as what is gained. Milliseconds. */
const QUICK = { row: 1, batch: 5, build: 50 } as const;

/** Files up to this size are loaded, and tried, on the event loop of a server that does not serve yet. Bytes. */
const SMALL_FILES = 2 ** 20;

/** Threads of one model beyond this are for whoever asks for them. */
const MOST_INSTANCES = 4;

/** Of the memory, what the weights of all copies may take. */
const MEMORY_PART = 1 / 4;

export interface Machine {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
}

/** What was found out about a model by loading and running it. */
export interface Found {
  /** Of the model's files. */
  readonly bytes: number;
  /** Milliseconds that its session took to build, where that was measured. */
  readonly buildMs?: number;
  /** Empty when it answered to nothing that was made up. */
  readonly measured: readonly RunTime[];
  /** Where it was tried. */
  readonly place: Place;
}

export interface Placement {
  readonly place: Place;
  /** Of the model beside the event loop, where it runs there or comes to. */
  readonly instances: number;
  readonly because: string;
}

/** Where a model of which nothing is known yet is loaded first. */
export function trialPlace(settings: ModelSettings, bytes: number, serving: boolean): Place {
  const wanted = wantedPlace(settings);
  if (wanted !== undefined) return wanted.place;
  return bytes <= SMALL_FILES && !serving ? 'inline' : 'threads';
}

export function placementOf(settings: ModelSettings, found: Found, machine: Machine): Placement {
  const { place, because } = wantedPlace(settings) ?? measuredPlace(settings, found);
  return { place, because, instances: instancesOf(settings, found.bytes, machine) };
}

/** Where a model runs whose runtime has no part in this process: one instance, as each has memory of its own for all it needs. */
export function besideOnly({ instances }: ModelSettings, place: InstancePlace): Placement {
  return {
    place,
    because: `its runtime has ${place} of its own`,
    instances: instances === 'auto' ? 1 : instances,
  };
}

type Wanted = Pick<Placement, 'place' | 'because'>;

function wantedPlace({ provider, place }: ModelSettings): Wanted | undefined {
  if (provider !== 'cpu') return { place: 'threads', because: `the provider ${provider} runs in threads` };
  return place === 'auto' ? undefined : { place, because: 'it was asked for' };
}

function measuredPlace({ maxRows }: ModelSettings, { measured, buildMs = 0, place }: Found): Wanted {
  const [first] = measured;
  const last = measured.at(-1);
  if (first === undefined || last === undefined)
    return { place, because: 'it answered to nothing that could be measured' };
  const slow = measured.find(({ rows, ms }) => ms > (rows === 1 ? QUICK.row : QUICK.batch));
  if (slow !== undefined) {
    const most = slow.rows === 1 ? QUICK.row : QUICK.batch;
    return { place: 'threads', because: `${taken(slow)}, more than ${most} ms` };
  }
  if (buildMs > QUICK.build)
    return { place: 'threads', because: `its session takes ${Math.round(buildMs)} ms to build` };
  const span = last.rows === 1 || last.rows > maxRows ? taken(first) : `${taken(first)}, ${taken(last)}`;
  return { place: 'inline', because: span };
}

/** A provider beside the CPU has one device, which copies would only share. */
function instancesOf(
  { instances, threads, provider }: ModelSettings,
  bytes: number,
  machine: Machine,
): number {
  if (instances !== 'auto') return instances;
  if (provider !== 'cpu') return 1;
  const byMemory = Math.floor((machine.memory * MEMORY_PART) / Math.max(1, bytes));
  return Math.max(1, Math.min(MOST_INSTANCES, Math.floor(machine.cores / threads), byMemory));
}

function taken({ rows, ms }: RunTime): string {
  return rows === 1 ? `1 row takes ${short(ms)} ms` : `${rows} rows take ${short(ms)} ms`;
}

function short(ms: number): string {
  return String(Number(ms.toPrecision(2)));
}

/** Runs looked at, and how much of them may be slow, before a model leaves the event loop. */
const SLOW = { window: 32, ms: 4, most: 3, limit: 6 } as const;

/**
 * Whether the runs of a model on the event loop are slow: of the last 32, each counts one for every 4 ms that it took, at
 * most 3, and 6 are too many. So two runs of 12 ms are enough, and six of 4 ms; a pause that comes over a quick model
 * now and then is not.
 */
export class SlowRuns {
  readonly #counts = new Uint8Array(SLOW.window);
  #at = 0;
  #sum = 0;

  /** Says whether, with this run, there are too many slow ones. */
  add(ms: number): boolean {
    const count = Math.min(SLOW.most, Math.floor(ms / SLOW.ms));
    this.#sum += count - (this.#counts[this.#at] ?? 0);
    this.#counts[this.#at] = count;
    this.#at = (this.#at + 1) % SLOW.window;
    return this.#sum >= SLOW.limit;
  }
}
