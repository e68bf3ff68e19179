import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base';
import { unpackZip } from '#store';
import { isRead, type WheelFile } from '../../wheels/installed.ts';
import { unwritable } from '../writing.ts';
import { sha256Of } from './find-links.ts';
import { besides, type WheelCache } from './place.ts';

export interface Unpacked {
  readonly folder: string;
  readonly files: readonly WheelFile[];
  readonly read: ReadonlyMap<string, Uint8Array>;
}

interface Unpacking {
  readonly cache: WheelCache;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** As it was left. */
interface Listed extends WheelFile {
  readonly mtimeMs: number;
}

/** The files of a wheel of the cache, unpacked there once: again, where one of them is no longer what it was. */
export async function unpacked(sha256: string, called: string, unpacking: Unpacking): Promise<Unpacked> {
  const { cache, signal } = unpacking;
  const folder = join(cache.unpacked, sha256);
  try {
    const files = (await listed(folder, signal)) ?? (await unpack(sha256, called, folder, unpacking));
    const paths = files.filter(isRead).map(({ path }) => path);
    const read = new Map<string, Uint8Array>();
    for (const path of paths) read.set(path, await readFile(join(folder, 'files', path)));
    return { folder: join(folder, 'files'), files: files.map(withoutTime), read };
  } catch (error: unknown) {
    signal.throwIfAborted();
    throw unwritable(folder, error);
  }
}

function withoutTime({ path, size, sha256, isProgram }: Listed): WheelFile {
  return { path, size, sha256, isProgram };
}

/** Undefined where it is not all there. */
async function listed(folder: string, signal: AbortSignal): Promise<readonly Listed[] | undefined> {
  try {
    const files = JSON.parse(await readFile(join(folder, 'listing.json'), 'utf8')) as readonly Listed[];
    for (const { path, size, mtimeMs } of files) {
      signal.throwIfAborted();
      const found = await stat(join(folder, 'files', path));
      if (!found.isFile() || found.size !== size || found.mtimeMs !== mtimeMs) return undefined;
    }
    return files;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function unpack(
  sha256: string,
  called: string,
  folder: string,
  { cache, random, signal }: Unpacking,
): Promise<readonly Listed[]> {
  const whole = besides(folder, random);
  try {
    await mkdir(join(whole, 'files'), { recursive: true });
    const programs = await unpackZip(join(cache.wheels, sha256), join(whole, 'files'), { called, signal });
    const files = await filesIn(join(whole, 'files'), programs, signal);
    await writeFile(join(whole, 'listing.json'), JSON.stringify(files));
    return await published(whole, folder, files, signal);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
}

/** Another process may have done the same meanwhile; what is damaged is taken away. */
async function published(
  whole: string,
  folder: string,
  files: readonly Listed[],
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  try {
    await rename(whole, folder);
    return files;
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  const theirs = await listed(folder, signal);
  if (theirs !== undefined) return theirs;
  await rm(folder, { recursive: true, force: true });
  await rename(whole, folder);
  return files;
}

async function filesIn(
  root: string,
  programs: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files: Listed[] = [];
  for (const entry of entries) {
    signal.throwIfAborted();
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(root.length + 1);
    const { size, mtimeMs } = await stat(full);
    files.push({ path, size, sha256: await sha256Of(full), isProgram: programs.has(path), mtimeMs });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
