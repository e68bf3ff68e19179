/** Starts the real program for tests that cross rooms: processes, ports and signals as a user has them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'src', 'cli', 'main.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly url: string;
  /** `host:port` of gRPC; empty without it. */
  readonly grpc: string;
  /** What it has written to stderr so far. */
  readonly stderr: () => string;
  /** Sends a signal and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; out: () => string; err: () => string } {
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', chunk => (out += String(chunk)));
  child.stderr.on('data', chunk => (err += String(chunk)));
  return { child, out: () => out, err: () => err };
}

/** Runs a command that ends by itself, within 20 s. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { child, out, err } = start(args, env);
  const timer = AbortSignal.timeout(20_000);
  timer.addEventListener('abort', () => child.kill('SIGKILL'));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: out(), stderr: err() };
}

/** Starts `serve`, `gateway` or `up` on a free port and waits until it is healthy, so many seconds at most. The caller stops it. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  seconds?: number,
): Promise<Program> {
  const { child, out, err } = start([...args, '--port', '0'], env);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const address = (): string | undefined =>
    /http:\/\/127\.\d+\.\d+\.\d+:\d+/.exec(
      args[0] === 'up' ? (/ serves at (.*)/.exec(err())?.[0] ?? '') : out(),
    )?.[0];
  await until(async () => {
    assert.equal(child.exitCode, null, `it ended: ${err()}`);
    const url = address();
    return url !== undefined && (await fetch(`${url}/health`)).ok;
  }, seconds);
  const stop: Program['stop'] = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return (await ended)[0];
  };
  const grpc = /grpc:\/\/(\S+)/.exec(out())?.[1] ?? '';
  return { child, url: address() ?? '', grpc, stderr: err, stop };
}

/** As `startProgram`, stopped after the test. */
export async function running(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const program = await startProgram(args, env);
  t.after(() => program.stop());
  return program;
}

/** Waits for a condition, so many seconds at most. */
export async function until(condition: () => Promise<boolean> | boolean, seconds = 20): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    assert(performance.now() < deadline, `the condition did not come true within ${seconds} s`);
    await setTimeout(20);
  }
}
