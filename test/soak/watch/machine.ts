/** How much of the machine others had: a soak beside them is slow for their sake. Linux tells; elsewhere it is not known. */
import { readFileSync } from 'node:fs';
import { cpuSeconds } from '../../../bench/measure/usage.ts';

interface Used {
  /** Of all cores, since the machine started; in ticks. */
  readonly busy: number;
  readonly all: number;
  /** Of this process and those that it has started; in seconds. */
  readonly ours: number;
}

/** From the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseMachine(text: string): Omit<Used, 'ours'> {
  const ticks = (/^cpu +([\d ]+)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** Ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** From 0 to 1. */
export function shareOfOthers(before: Used, after: Used): number {
  const all = after.all - before.all;
  const ours = (after.ours - before.ours) * TICKS;
  return all === 0 ? 0 : Math.max(0, (after.busy - before.busy - ours) / all);
}

/** Undefined where it is not known. */
export function machineUsed(): Used | undefined {
  try {
    return { ...parseMachine(readFileSync('/proc/stat', 'utf8')), ours: cpuSeconds(process.pid) };
  } catch {
    return undefined;
  }
}
