import { chmod, lutimes, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { AppError, failure, messageOf, type Random } from '#base';
import type { DockerContext } from '../docker/context.ts';
import { FIRST_COMMENT } from '../docker/dockerfile.ts';
import type { LayerEntry } from '../layer-entry.ts';
import { writeEntry } from './write-entry.ts';

export interface ContextOptions {
  /** Of all that is written, so that the builder sees the same each time. Seconds since 1970. */
  readonly epoch: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/**
 * Writes a context to a folder, which appears whole or not at all, and takes the place of one that was written before. A folder
 * that holds anything else is left as it is. Files are copies: who changes one changes nothing but that. Throws
 * `image_unwritable`, `image_invalid` for a file that is to be copied and cannot be read, or the signal's reason.
 */
export async function writeContext(
  context: DockerContext,
  folder: string,
  options: ContextOptions,
): Promise<void> {
  const target = await realpath(folder).catch(() => resolve(folder));
  try {
    const before = await contentsOf(target);
    await mkdir(dirname(target), { recursive: true });
    await writeBeside(context, { target, before }, options);
  } catch (error: unknown) {
    options.signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    throw failure('image_unwritable', { path: folder, problem: messageOf(error) }, error);
  }
}

async function writeBeside(
  context: DockerContext,
  { target, before }: { target: string; before: Before },
  options: ContextOptions,
): Promise<void> {
  const partial = `${target}.${Math.floor(options.random.next() * 2 ** 32).toString(16)}.partial`;
  await mkdir(partial);
  try {
    await chmod(partial, 0o755);
    await fill(partial, [...ownFiles(context), ...context.entries], options);
    await takePlace(partial, target, before);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function ownFiles({ dockerfile, ignore }: DockerContext): LayerEntry[] {
  return [
    { kind: 'file', path: 'Dockerfile', from: Buffer.from(dockerfile) },
    { kind: 'file', path: '.dockerignore', from: Buffer.from(ignore) },
  ];
}

async function fill(folder: string, entries: readonly LayerEntry[], options: ContextOptions): Promise<void> {
  const made = new Set<string>();
  for (const entry of entries) {
    options.signal.throwIfAborted();
    await writeEntry(folder, entry, made, options.signal);
  }
  // What lies deepest first: whatever is written in a folder is a change of it.
  for (const path of [...made].toReversed()) await lutimes(join(folder, path), options.epoch, options.epoch);
}

type Before = 'nothing' | 'folder';

/** What is in the place now. Throws `image_unwritable` where it is not to be replaced. */
async function contentsOf(target: string): Promise<Before> {
  // Who stands in a folder that is replaced stands nowhere afterwards.
  if (`${process.cwd()}${sep}`.startsWith(`${target}${sep}`))
    throw failure('image_unwritable', { path: target, problem: 'this command runs in it' });
  const names = await readdir(target).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (names === undefined) return 'nothing';
  const stranger = names.length === 0 ? undefined : await strangerOf(target, names);
  if (stranger === undefined) return 'folder';
  throw failure('image_unwritable', {
    path: target,
    problem: `it holds ${stranger}, which is no part of a context`,
  });
}

/** What is no part of a context that was written before: its `.dockerignore` names the others. */
async function strangerOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const isOurs = (await read('Dockerfile')).includes(`\n${FIRST_COMMENT}`);
  const ours = isOurs ? [...(await read('.dockerignore')).matchAll(/^!(.+)$/gm)].map(([, name]) => name) : [];
  const known = new Set([...(isOurs ? ['Dockerfile', '.dockerignore'] : []), ...ours]);
  return names.find(name => !known.has(name));
}

async function takePlace(partial: string, target: string, before: Before): Promise<void> {
  if (before === 'nothing') return rename(partial, target);
  const old = `${partial}.old`;
  await rename(target, old);
  try {
    await rename(partial, target);
  } catch (error: unknown) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
