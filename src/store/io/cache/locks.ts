/**
 * Locks that the kernel lets go of with the process that has them, however that ends, across containers too: those that SQLite
 * puts on a file. Numbers of processes would mean nothing to a neighbour in another container, and a file that says `locked`
 * outlives a kill.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { failure, messageOf, pauseBefore, type Random } from '#base';
import { cacheFault, codeOf } from './faults.ts';
import { openDatabase } from './sqlite.ts';

/** Of exclusive ones there is one at a time, and no shared one beside it. */
type Kind = 'shared' | 'exclusive';

export interface Lock {
  /** Twice is once. */
  release(): void;
}

export interface Waiting {
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Called once, where somebody else has it. */
  readonly onWait?: () => void;
}

/** Waits for a lock that nobody else may have beside it. Throws `cache_unusable`, or the signal's reason. */
export async function lockExclusive(path: string, waiting: Waiting): Promise<Lock> {
  for (;;) {
    touch(path);
    const had = await lock(path, 'exclusive', waiting);
    // Somebody removed the file, so that another one is to be made.
    if (had !== undefined) return had;
  }
}

/** Waits for a lock that others share; undefined where what it is on is not there. */
export function lockShared(path: string, waiting: Waiting): Promise<Lock | undefined> {
  return lock(path, 'shared', waiting);
}

async function lock(
  path: string,
  kind: Kind,
  { random, signal, onWait }: Waiting,
): Promise<Lock | undefined> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const had = tryLock(path, kind);
    if (had !== 'busy') return had;
    if (attempt === 0) onWait?.();
    const most = pauseBefore(attempt, { first: 10, most: 500 });
    await pause(most * (0.5 + random.next() / 2), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Whether the file is one to lock, whoever has it now. */
export function isLockable(path: string): boolean {
  try {
    const had = tryLock(path, 'shared');
    if (had !== 'busy') had?.release();
    return had !== undefined;
  } catch {
    return false;
  }
}

/** Undefined where the file is not there. */
export function tryLock(path: string, kind: Kind): Lock | 'busy' | undefined {
  const before = inodeOf(path);
  if (before === undefined) return undefined;
  const had = begun(path, kind);
  if (had === 'busy' || inodeOf(path) === before) return had;
  // Whoever had it removed the file: this is a lock on nothing.
  had.release();
  return undefined;
}

function begun(path: string, kind: Kind): Lock | 'busy' {
  try {
    return begin(path, kind);
  } catch (error: unknown) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return 'busy';
    throw failure('cache_unusable', { path, problem: `it cannot be locked: ${messageOf(error)}` }, error);
  }
}

const SQLITE_BUSY = 5;

function begin(path: string, kind: Kind): Lock {
  const database = openDatabase(path, kind === 'shared');
  try {
    // A journal on the disk would need room there, and stay behind a kill.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec(kind === 'exclusive' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT * FROM sqlite_schema');
  } catch (error: unknown) {
    database.close();
    throw error;
  }
  const release = (): void => {
    if (database.isOpen) database.close();
  };
  return { release };
}

/**
 * Makes the file of a lock. Never opens one that is there: closing it again would let go of every lock that this process has on
 * it. It is empty, and anybody's: who shares the cache must be able to lock it.
 */
export function touch(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o666));
    chmodSync(path, 0o666);
  } catch (error: unknown) {
    if (codeOf(error) !== 'EEXIST') throw cacheFault(path, error);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
