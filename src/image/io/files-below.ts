/** Files of this machine as a layer has them: what links lead to, programs as such, in one order. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failure, messageOf } from '#base';
import type { FileEntry, LayerEntry } from '../layer-entry.ts';

/** A folder that holds more is not what was meant. */
const MOST_FILES = 100_000;

/** Permission of anybody to run it, as `stat` tells modes. */
const RUNS = 0o111;

export interface Below {
  /** Without the slash before it. */
  readonly to: string;
  /** By names in the folder, as paths from it. */
  readonly isLeftOut?: (path: string) => boolean;
}

/** Its bytes are in a file of this machine. */
export type LyingFile = FileEntry & { readonly from: string };

/** A file, or a folder with all below it. Throws `file_unreadable`, or `image_invalid` for far too many files. */
export async function filesBelow(from: string, { to, isLeftOut = () => false }: Below): Promise<LyingFile[]> {
  try {
    const found = await stat(from);
    if (!found.isDirectory()) return [fileEntry(from, to, found.mode)];
    const entries: LyingFile[] = [];
    for await (const path of within(from, '', isLeftOut)) {
      if (entries.length === MOST_FILES) throw tooMany(from);
      const { mode } = await stat(join(from, path));
      entries.push(fileEntry(join(from, path), `${to}/${path}`, mode));
    }
    return entries;
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failure('file_unreadable', { path: from, problem: messageOf(error) }, error);
  }
}

/** By name, by code unit. A link that leads nowhere, and what is neither file nor folder, is not there. */
async function* within(
  root: string,
  below: string,
  isLeftOut: (path: string) => boolean,
  above: readonly string[] = [],
): AsyncGenerator<string> {
  const folder = join(root, below);
  const { dev, ino } = await stat(folder);
  const id = `${dev}:${ino}`;
  // A link to a folder above would have no end.
  if (above.includes(id)) return;
  for (const name of (await readdir(folder)).toSorted()) {
    const path = below === '' ? name : `${below}/${name}`;
    if (isLeftOut(path)) continue;
    const found = await stat(join(root, path)).catch(() => undefined);
    if (found?.isDirectory()) yield* within(root, path, isLeftOut, [...above, id]);
    else if (found?.isFile()) yield path;
  }
}

/** Hidden files, and what Python leaves behind, are nobody's program. */
export function isHidden(path: string): boolean {
  const name = basename(path);
  return name.startsWith('.') || name === '__pycache__';
}

function fileEntry(from: string, path: string, mode: number): LyingFile {
  return { kind: 'file', path, from, ...((mode & RUNS) !== 0 && { isProgram: true }) };
}

function tooMany(path: string): Error {
  return failure('image_invalid', {
    subject: path,
    problem: `it holds more than ${MOST_FILES} files`,
    remedy: 'name a folder with just what the server needs',
  });
}

/** Bytes of files, all together. */
export async function bytesOf(entries: readonly LayerEntry[]): Promise<number> {
  let bytes = 0;
  for (const entry of entries)
    if (entry.kind === 'file')
      bytes += typeof entry.from === 'string' ? (await stat(entry.from)).size : entry.from.length;
  return bytes;
}
