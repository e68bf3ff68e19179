/**
 * The processes a bench starts. Each leads a group of its own and has a deadline; all are gone when the bench ends,
 * however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Command {
  /** How messages call it. */
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
}

/** A server that has printed its URL as the first line of its standard output. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  lines(): readonly string[];
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
const stopWithinMs = 5_000;

/** Starts a server and waits for its URL. Its standard error goes to `log`, and is quoted if it does not start. */
export async function startServer(command: Command, log: string, deadlineMs = 60_000): Promise<Server> {
  mkdirSync(dirname(log), { recursive: true });
  const stderr = openSync(log, 'w');
  const child = launch(command, ['ignore', 'pipe', stderr]);
  closeSync(stderr);
  const lines: string[] = [];
  const url = await firstLine(child.stdout, lines, deadlineMs);
  if (url === undefined || child.pid === undefined) {
    await stop(child);
    throw new Error(
      `${command.name} did not start; its log ends:\n${readFileSync(log, 'utf8').slice(-2_000)}`,
    );
  }
  return { name: command.name, url, pid: child.pid, lines: () => lines, stop: () => stop(child) };
}

/** Runs a command to its end and gives its standard output. Throws when it fails or the deadline passes. */
export async function runCommand(command: Command, deadlineMs: number): Promise<string> {
  const child = launch(command, ['ignore', 'pipe', 'pipe']);
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), deadlineMs);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await ended(child);
  clearTimeout(timer);
  if (child.exitCode === 0) return stdout ?? '';
  const how = child.exitCode === null ? `took over ${deadlineMs / 1000} s` : `failed (${child.exitCode})`;
  throw new Error(`${command.name} ${how}:\n${`${stdout}${stderr}`.slice(-2_000)}`);
}

/** From now on, Ctrl-C and the like end every child before this process, and so does an early exit. */
export function endChildrenWithUs(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void Promise.all([...running].map(stop)).then(() => process.exit(128 + constants.signals[signal]));
    });
  }
  process.once('exit', () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
  });
}

function launch(
  { argv: [file, ...args], name }: Command,
  stdio: ('ignore' | 'pipe' | number)[],
): ChildProcess {
  const child = spawn(file, args, { stdio, detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', error => {
    running.delete(child);
    process.stderr.write(`bench: ${name} cannot be run: ${error.message}\n`);
  });
  return child;
}

/** Waits for the first line, and goes on to gather all of them. */
async function firstLine(
  stdout: Readable | null,
  lines: string[],
  deadlineMs: number,
): Promise<string | undefined> {
  if (stdout === null) return undefined;
  const reader = createInterface({ input: stdout });
  reader.on('line', line => lines.push(line));
  const closed = once(reader, 'close').then(() => undefined);
  const line = once(reader, 'line', { signal: AbortSignal.timeout(deadlineMs) }).then(
    ([value]) => String(value),
    () => undefined,
  );
  return Promise.race([line, closed]);
}

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream);
}

async function stop(child: ChildProcess): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), stopWithinMs);
  await ended(child);
  clearTimeout(timer);
}

async function ended(child: ChildProcess): Promise<void> {
  if (running.has(child) && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined && running.has(child)) process.kill(-child.pid, signal);
  } catch {
    // The group has ended already, which is what was wanted.
  }
}
