/** A thread that reads files through: whoever serves requests, or receives bytes, goes on meanwhile. */
import { closeSync, fdatasyncSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { unreachable } from '#base';
import { startDigest } from './digesting.ts';
import type { Job, Told } from './jobs.ts';

/** As much as is read at once: it stays in the processor's own memory until it is hashed. */
const CHUNK = 256 * 1024;
/** After so many bytes it looks at what else it was told: to let go, perhaps. */
const STEP = 64 * 2 ** 20;
const buffer = Buffer.allocUnsafeSlow(CHUNK);

interface Open {
  readonly descriptor: number;
  readonly digests: readonly ReturnType<typeof startDigest>[];
  position: number;
}

const open = new Map<number, Open>();

function answer(job: Job): Told {
  switch (job.kind) {
    case 'hash':
      return goOn(job);
    case 'check':
      return { id: job.id, kind: 'checked', crcs: job.ranges.map(range => crcOf(job.path, range)) };
    case 'sync':
      for (const path of job.paths) sync(path);
      return { id: job.id, kind: 'synced' };
    case 'drop':
      drop(job.id);
      return { id: job.id, kind: 'synced' };
    default:
      return unreachable(job);
  }
}

/** Reads on to where the file is known to be written, or to its end, a step at a time: other files are read in between. */
function goOn(job: Extract<Job, { kind: 'hash' }>): Told {
  const one = open.get(job.id) ?? start(job);
  const end = Math.min(job.upTo ?? Number.POSITIVE_INFINITY, one.position + STEP);
  const isOver = readTo(one, end);
  if (!isOver && one.position < (job.upTo ?? Number.POSITIVE_INFINITY)) {
    setImmediate(() => open.has(job.id) && work(job));
    return { id: job.id, kind: 'progress', position: one.position };
  }
  if (!job.isLast) return { id: job.id, kind: 'progress', position: one.position };
  const hexes = one.digests.map(digest => digest.digest());
  drop(job.id);
  return { id: job.id, kind: 'hashed', size: one.position, hexes };
}

/** Whether that is the end of the file. */
function readTo(one: Open, end: number): boolean {
  while (one.position < end) {
    const read = readSync(one.descriptor, buffer, 0, Math.min(CHUNK, end - one.position), one.position);
    if (read === 0) return true;
    for (const digest of one.digests) digest.update(buffer.subarray(0, read));
    one.position += read;
  }
  return false;
}

function start({ id, path, algorithms, size }: Extract<Job, { kind: 'hash' }>): Open {
  const descriptor = openSync(path, 'r');
  const one = { descriptor, digests: algorithms.map(name => startDigest(name, size)), position: 0 };
  open.set(id, one);
  return one;
}

function drop(id: number): void {
  const one = open.get(id);
  if (one !== undefined) closeSync(one.descriptor);
  open.delete(id);
}

/** Of bytes that are not all there, that of those that are: it is another one. */
function crcOf(path: string, { start: from, end }: { start: number; end: number }): number {
  const descriptor = openSync(path, 'r');
  try {
    let crc = 0;
    for (let at = from; at < end; ) {
      const read = readSync(descriptor, buffer, 0, Math.min(CHUNK, end - at), at);
      if (read === 0) return -1;
      crc = crc32(buffer.subarray(0, read), crc);
      at += read;
    }
    return crc;
  } finally {
    closeSync(descriptor);
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fdatasyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function work(job: Job): void {
  try {
    parentPort?.postMessage(answer(job), []);
  } catch (error: unknown) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (job.kind === 'hash') drop(job.id);
    const told: Told = { id: job.id, kind: 'failed', code, problem: message };
    parentPort?.postMessage(told, []);
  }
}

parentPort?.on('message', work);
