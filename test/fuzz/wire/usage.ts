/** What a process uses, as Linux tells it; where it does not, nothing is known of it. */
import { readFileSync } from 'node:fs';
import { parseResident, parseStat } from '../../../bench/measure/usage.ts';

const MIB = 1024 * 1024;

/** Ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

export function cpuSecondsOf(pid: number): number {
  const text = read(pid, 'stat');
  return text === '' ? 0 : parseStat(text).ticks / TICKS;
}

/** Of the process alone: threads are in it. */
export function residentMib(pid: number): number {
  return parseResident(read(pid, 'status')) / MIB;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** The most a server may hold. MiB. */
const MOST_MIB = 600;

/** Samples from which on growth can be told from filling up. */
const ENOUGH = 60;

/** What is wrong with a row of samples of memory, if anything is. */
export function memoryFault(samples: readonly number[]): string | undefined {
  const most = Math.max(...samples);
  if (most > MOST_MIB) return `the server held ${Math.round(most)} MiB`;
  if (samples.length < ENOUGH) return undefined;
  const third = median(samples.slice(Math.floor(samples.length * 0.4), Math.floor(samples.length * 0.6)));
  const last = median(samples.slice(Math.floor(samples.length * 0.8)));
  if (last < third * 1.3 + 40) return undefined;
  return `the server's memory does not level off: ${Math.round(third)} MiB half way, ${Math.round(last)} MiB at the end`;
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? 0;
}
