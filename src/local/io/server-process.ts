import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Lines } from '#base';
import type { Launch } from '#spec';
import { announced, type ServerAddress, toldAddress } from '../announced.ts';
import { guarded } from '../guarded.ts';
import { lastSentence } from '../last-sentence.ts';
import type { Ground } from './grounds.ts';

/** So many of the last lines of stderr are kept, to say why a process ended. */
const KEPT_LINES = 40;
/** A process that is gone has written all it will; its pipes get this long to be read to the end. */
const LAST_WORDS_MS = 250;

/**
 * For glibc: 2 instead of 8 for each core. An arena keeps the most that was ever in use of it, and the threads of models come
 * and go, each in another.
 */
export const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };

/** Of a server of fairlead, where neither flag nor file nor variable says how much it logs: a terminal is for what needs somebody. */
const OWN = { ...FEW_ARENAS, LOG_LEVEL: 'warn' };

/** One process of a server, from its start to its end. */
export interface ServerProcess {
  readonly pid: number | undefined;
  /** Where it listens, once it does; undefined when it ended before. */
  readonly address: Promise<ServerAddress | undefined>;
  /** Resolves the moment the process is gone. */
  readonly exited: Promise<void>;
  /** Resolves, after `exited`, with one sentence on why it ended. */
  readonly ended: Promise<string>;
  /** Asks it to drain and exit. */
  terminate(): void;
  /** Ends it and whatever it started. */
  kill(): void;
}

export interface ProcessOptions {
  /** By which a server that answers only its gateway knows it. It goes where no other process can read it: down the pipe. */
  readonly secret?: string | undefined;
  readonly onLine: (line: string) => void;
}

/**
 * Starts a server. It is the leader of its own process group, so that Ctrl-C in a terminal reaches only this process, and
 * it ends when its stdin closes, so that it cannot outlive this process whatever happens: one of fairlead by itself, one of
 * others by its guard.
 */
export function startProcess(
  { launch, folder }: Pick<Ground, 'launch' | 'folder'>,
  { secret, onLine }: ProcessOptions,
): ServerProcess {
  const isOwn = folder === undefined;
  const { argv } = launch;
  const [command = '', ...args] = isOwn ? [...argv, '--exit-with-parent'] : guarded(argv, folder);
  const child: ChildProcess = spawn(command, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(launch.folder !== undefined && { cwd: launch.folder }),
    env: { ...(isOwn && OWN), ...process.env, ...launch.env },
  });
  // It may be gone before the pipe is set up; that shows as its exit.
  child.stdin?.on('error', () => undefined);
  if (secret !== undefined) child.stdin?.write(`${secret}\n`);
  const spoken = listen(isOwn ? [child.stderr] : [child.stderr, child.stdout], onLine);
  const exit = exitOf(child);
  const exited = exit.then(() => killGroup(child));
  const address = addressOf(child, launch, exited);
  return {
    pid: child.pid,
    address: address.then(found => (typeof found === 'string' ? undefined : found)),
    exited,
    ended: whyEnded({ exit, address, spoken }),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void (child.exitCode === null && child.signalCode === null && killGroup(child)),
  };
}

interface Spoken {
  readonly lines: readonly string[];
  readonly done: Promise<void>;
}

type Output = ChildProcess['stderr'];

function listen(outputs: readonly Output[], onLine: (line: string) => void): Spoken {
  const lines: string[] = [];
  const take = (found: readonly string[]): void => {
    for (const line of found) {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine(line);
    }
  };
  const done = Promise.all(outputs.map(output => readLines(output, take)));
  return { lines, done: done.then(() => undefined) };
}

function readLines(output: Output, take: (lines: readonly string[]) => void): Promise<void> {
  const reader = new Lines();
  output?.on('data', (bytes: Buffer) => take(reader.push(bytes)));
  return new Promise<void>(resolve => {
    output?.once('close', () => {
      take(reader.end());
      resolve();
    });
  });
}

/** How the process ended, in words. */
function exitOf(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    child.once('error', error => {
      // Without a pid it never ran; with one, the error is of a signal that came too late.
      if (child.pid === undefined) resolve(`it cannot be started: ${error.message}`);
    });
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
  });
}

/**
 * What it was told, or announces on stdout, or the sentence that says that it is something else; undefined when it ended
 * before.
 */
async function addressOf(
  child: ChildProcess,
  { listening }: Launch,
  exited: Promise<void>,
): Promise<ServerAddress | string | undefined> {
  if (listening.kind === 'told') return toldAddress(listening);
  const { grpc } = listening;
  const reader = new Lines();
  const lines: string[] = [];
  const printed = new Promise<ServerAddress | string>(resolve => {
    let isKnown = false;
    child.stdout?.on('data', (bytes: Buffer) => {
      if (isKnown) return;
      lines.push(...reader.push(bytes));
      const found = announced(lines, grpc);
      if (found === undefined) return;
      isKnown = true;
      if (typeof found === 'string') killGroup(child);
      resolve(found);
    });
  });
  return Promise.race([printed, exited.then(() => undefined)]);
}

async function whyEnded(from: {
  exit: Promise<string>;
  address: Promise<ServerAddress | string | undefined>;
  spoken: Spoken;
}): Promise<string> {
  const how = await from.exit;
  const address = await from.address;
  if (typeof address === 'string') return address;
  const given = new AbortController();
  const limit = pause(LAST_WORDS_MS, undefined, { signal: given.signal }).catch(() => undefined);
  await Promise.race([from.spoken.done, limit]);
  given.abort();
  return lastSentence(from.spoken.lines) ?? how;
}

/** Ends all that is left of its process group; the leader's own children have no other owner. */
function killGroup(child: ChildProcess): void {
  child.stdin?.destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
