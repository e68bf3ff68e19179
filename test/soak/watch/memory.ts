import { setTimeout } from 'node:timers/promises';
import type { Sample } from './growth.ts';
import { residentMib } from './process.ts';

const EVERY_MS = 1000;

/** Resident memory of a process, looked at every second until it is told to stop. */
export async function watchMemory(pid: number, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  while (!signal.aborted) {
    samples.push({ at: (performance.now() - start) / 1000, mib: residentMib(pid) });
    await setTimeout(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}
