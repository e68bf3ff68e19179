/** fairlead as a user runs it, each time with a cache that is named. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../programs/fairlead.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const DEADLINE_MS = 150_000;

export function store(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return fairlead(['store', ...args], env);
}

/** Runs it to its end; one that hangs is killed, and has no code. */
export async function fairlead(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const main = join(root, 'src/cli/main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}

export function digestIn(printed: string): string | undefined {
  return /sha256:[0-9a-f]{64}/.exec(printed)?.[0];
}
