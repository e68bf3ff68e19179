/** Starts fairlead as a user does, for the cases that need a server of their own and for those that were given none. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');
/** What was compiled is kept, as `./fairlead` keeps it: a third of a second for each start. */
const env = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'), ...process.env };

const command = ['--conditions=source', join(root, 'src', 'cli', 'main.ts')];

export interface ServerOptions {
  /** `NAME=PATH`, or paths. */
  readonly models: readonly string[];
  readonly flags?: readonly string[];
  /** Whether to wait until it is ready, rather than until it listens. */
  readonly ready?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A fairlead that was started here. */
export interface Server {
  readonly http: string;
  /** Undefined when it has no gRPC port. */
  readonly grpc: string | undefined;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM, or another, and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>;
}

let help: string | undefined;

/** Whether this fairlead's `serve` has a flag. */
export function knows(flag: string): boolean {
  help ??= execFileSync(process.execPath, [...command, 'serve', '--help'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  return help.includes(flag);
}

/** Starts a server on free ports. Throws what it wrote when it ends instead. The caller stops it. */
export async function startServer({ models, flags = [], ready = true }: ServerOptions): Promise<Server> {
  const grpcFlag = knows('--grpc-port') ? ['--grpc-port', '0'] : [];
  // With its parent, however that ends: nothing is left running.
  const always = ['--port', '0', '--log-level', 'error', '--exit-with-parent'];
  const args = ['serve', ...models, ...always, ...grpcFlag, ...flags];
  const { child, ended, out } = launch(args);
  await until(async () => out().includes('\n') || child.exitCode !== null);
  const http = /http:\/\/[\w.]+:\d+/.exec(out())?.[0];
  if (http === undefined) throw new Error(`fairlead did not start: ${(await ended).stderr}`);
  const stop: Server['stop'] = signal => stopped(child, ended, signal);
  if (ready) await becomesReady(http, child, ended);
  const grpc = /grpc\W{1,8}([\w.]+:\d+)/i.exec(out())?.[1];
  return { http, grpc, pid: child.pid ?? 0, ended, stop };
}

/** Runs fairlead until it ends by itself, within 20 s. */
export async function runToEnd(args: readonly string[]): Promise<Ended> {
  const { child, ended } = launch(args);
  const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), 20_000);
  return ended.finally(() => clearTimeout(timer));
}

function launch(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended>; out: () => string } {
  const child = spawn(process.execPath, [...command, ...args], { cwd: root, env, stdio: 'pipe' });
  let out = '';
  let stderr = '';
  child.stdout.on('data', chunk => (out += String(chunk)));
  child.stderr.on('data', chunk => (stderr += String(chunk)));
  const ended = new Promise<Ended>(resolve =>
    child.once('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  return { child, ended, out: () => out };
}

async function stopped(
  child: ChildProcess,
  ended: Promise<Ended>,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<Ended> {
  child.kill(signal);
  const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), 20_000);
  return ended.finally(() => clearTimeout(timer));
}

async function becomesReady(http: string, child: ChildProcess, ended: Promise<Ended>): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`fairlead ended: ${(await ended).stderr}`);
    return asks(`${http}/v2/health/ready`);
  };
  try {
    await until(isReady);
  } catch (error: unknown) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Whether a page is there, asked over a connection that is kept: a busy server may be slow to take new ones. */
export async function asks(url: string): Promise<boolean> {
  const answer = await fetch(url);
  // What is not read keeps the connection from the next request.
  await answer.text();
  return answer.ok;
}

/** Waits for a condition, within 20 s. A connection that fails is not yet. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await Promise.resolve(condition()).catch(notYet))) {
    assert(performance.now() < deadline, 'the condition did not come true within 20 s');
    await setTimeout(10);
  }
}

function notYet(error: unknown): false {
  if (error instanceof TypeError) return false;
  throw error;
}
