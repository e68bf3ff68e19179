/** One command, run to its end and looked at meanwhile: how long, how much CPU, how much memory at most. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseStat } from '../measure/usage.ts';

export interface Run {
  readonly seconds: number;
  /** User and system time, up to the last look: 10 ms too little at most. */
  readonly cpuSeconds: number;
  /** The kernel's own high-water mark of resident memory. */
  readonly peakBytes: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export interface Watched {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly deadlineMs: number;
}

const LOOK_MS = 10;
const TICKS = 100;

/** A running command. */
export interface Running {
  readonly ended: Promise<Run>;
  kill(signal: NodeJS.Signals): void;
}

export function watch({ argv: [program, ...args], env, cwd, deadlineMs }: Watched): Running {
  const since = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [cpuSeconds, peakBytes] = [0, 0];
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
      peakBytes = Math.max(peakBytes, peak);
      cpuSeconds = parseStat(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).ticks / TICKS;
    } catch {
      // It has just ended.
    }
  };
  const looking = setInterval(look, LOOK_MS);
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  const ended = async (): Promise<Run> => {
    try {
      const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
      const [code] = (await once(child, 'exit')) as [number | null];
      const seconds = (performance.now() - since) / 1000;
      return { seconds, cpuSeconds, peakBytes, code, stdout: await stdout, stderr: await stderr };
    } finally {
      clearInterval(looking);
      clearTimeout(timer);
    }
  };
  return { ended: ended(), kill: signal => void child.kill(signal) };
}

/** Throws with what it said where it fails. */
export async function mustRun(watched: Watched): Promise<Run> {
  const run = await watch(watched).ended;
  if (run.code === 0) return run;
  const how = run.code === null ? 'was killed' : `ended with ${run.code}`;
  throw new Error(`${watched.argv.slice(0, 3).join(' ')} … ${how}: ${run.stderr.slice(-1_000)}`);
}
