/** Processes of the peers: each leads a group of its own, has deadlines, and is gone when the run ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that answers. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Host and port of its REST interface. */
  readonly http: string;
  /** Host and port of its gRPC interface. */
  readonly grpc: string;
  stop(): Promise<void>;
  /** Whether it has ended by itself. */
  ended(): boolean;
  /** Whether it ends by itself within some seconds. */
  endsSoon(): Promise<boolean>;
}

export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly log: string;
}

const START_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 10_000;
const CRASH_WITHIN_MS = 5_000;

/** Starts a server and waits until `url` answers 200. The caller stops it. Throws with the end of its log. */
export async function startServer(
  command: Command,
  url: string,
): Promise<Pick<Peer, 'stop' | 'ended' | 'endsSoon'>> {
  const [file, ...args] = command.argv;
  const log = openSync(command.log, 'w');
  const child = spawn(file, args, {
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  // A run that is broken off leaves nothing behind.
  const kill = (): void => send(child, 'SIGKILL');
  process.once('exit', kill);
  const cannotRun = once(child, 'error').then(([error]) => String(error));
  const started = await Promise.race([answers(url, child), cannotRun]);
  if (started === true) return controls(child);
  await stop(child);
  const end = readFileSync(command.log, 'utf8').slice(-2_000);
  throw new Error(`${file} did not start: ${started}; its log ends:\n${end}`);
}

/** What the owner of a process may do with it. */
export function controls(child: ChildProcess): Pick<Peer, 'stop' | 'ended' | 'endsSoon'> {
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const endsSoon = async (): Promise<boolean> => {
    const signal = AbortSignal.timeout(CRASH_WITHIN_MS);
    return (
      ended() ||
      once(child, 'exit', { signal }).then(
        () => true,
        () => false,
      )
    );
  };
  return { stop: () => stop(child), ended, endsSoon };
}

/** The version that a server tells of itself at `url`. Throws when it does not answer in time. */
export async function versionAt(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const { version } = (await answer.json()) as { readonly version: string };
  return version;
}

/** Ports of this machine that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(server => once(server, 'listening')));
  const ports = servers.map(server => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  return ports;
}

/** Runs a command to its end and gives what it printed; undefined when it cannot be run or fails. */
export function outputOf(file: string, args: readonly string[], deadlineMs = 20_000): string | undefined {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8', timeout: deadlineMs });
  return status === 0 ? stdout : undefined;
}

async function answers(url: string, child: ChildProcess): Promise<true | string> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) return `it ended with ${child.exitCode}`;
    const ready = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      response => response.ok,
      () => false,
    );
    if (ready) return true;
    await sleep(50);
  }
  return `${url} did not answer within ${START_WITHIN_MS / 1000} s`;
}

async function stop(child: ChildProcess): Promise<void> {
  send(child, 'SIGTERM');
  const timer = setTimeout(() => send(child, 'SIGKILL'), STOP_WITHIN_MS);
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    await once(child, 'exit');
  clearTimeout(timer);
  send(child, 'SIGKILL');
}

/** To its whole group: a server's workers must not outlive it. */
function send({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // The group has ended already.
  }
}
