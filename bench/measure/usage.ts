/** CPU time and memory of a process and all it has started, as Linux tells them under /proc. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, in clock ticks. */
  readonly ticks: number;
}

/** Reads one line of /proc/PID/stat. The name in brackets may itself hold spaces and brackets. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(fields[1]),
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}

/** Resident bytes from the text of /proc/PID/status; a process that has just ended has none. */
export function parseResident(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** The process and everything below it. */
export function familyOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const own = all.filter(({ pid }) => pid === root);
  const children = all.filter(({ parent }) => parent === root);
  return [...own, ...children.flatMap(({ pid }) => familyOf(pid, all))];
}

/** Seconds of CPU that the process and its children have used since they started. */
export function cpuSeconds(root: number): number {
  const ticks = familyOf(root, everyProcess()).reduce((sum, each) => sum + each.ticks, 0);
  return ticks / ticksPerSecond;
}

/** Resident bytes of the process and its children, as they are now. */
export function residentBytes(root: number): number {
  const family = familyOf(root, everyProcess());
  return family.reduce((sum, { pid }) => sum + parseResident(readProc(pid, 'status')), 0);
}

/** The process and all that it has started, by number. */
export function familyPids(root: number): number[] {
  return familyOf(root, everyProcess()).map(({ pid }) => pid);
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function everyProcess(): ProcessStat[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids
    .map(pid => readProc(Number(pid), 'stat'))
    .filter(line => line !== '')
    .map(parseStat);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It ended between the listing and the reading.
  }
}
