import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ok, type Result } from '#base';
import { type ChosenOfArchive, chooseUnpacked } from '../choose.ts';
import type { RemoteFile } from '../source.ts';
import type { Signature } from '../store.ts';
import type { Asked } from './asked.ts';
import { cacheFault } from './cache/faults.ts';
import { removeAll } from './cache/folders.ts';
import type { Ready } from './cache/publish.ts';
import { hashing } from './hashing/hashing.ts';
import type { Setting, UnpackLimits } from './setting.ts';
import { signaturesAmong } from './signatures.ts';

/** Larger than any model is, and small enough that a bomb ends before the disk does, whose room is looked at besides. */
const LIMITS: UnpackLimits = { bytes: 2 ** 40, files: 100_000, ratio: 200 };

export interface Unpacked {
  readonly ready: readonly Ready[];
  readonly within?: string | undefined;
  readonly isSeveral: boolean;
  /** The folder that the model is in. */
  readonly top?: string | undefined;
  /** By their paths in the archive. */
  readonly signatures: readonly Signature[];
}

/** Unpacks archives in their order into one folder, beside what came as files, and hashes what is wanted of it. */
export async function unpackAll(
  setting: Setting,
  asked: Asked,
  { files, ready, into }: { files: readonly RemoteFile[]; ready: readonly Ready[]; into: string },
): Promise<Result<Unpacked, string>> {
  const { tell, wanted } = asked;
  tell({ phase: 'unpacking', files: files.length, total: undefined, done: 0, reused: 0 });
  try {
    await removeAll(into);
    await mkdir(into, { recursive: true });
    for (const [at, file] of files.entries()) {
      const from = ready[at]?.from;
      if (from !== undefined) await unpackOne(setting, asked, { file, from, into });
    }
    const paths = await filesIn(into, into);
    const chosen = chooseUnpacked(paths, wanted);
    return chosen.ok
      ? ok({ ...(await hashed(chosen.value, into, asked)), signatures: await signaturesAmong(into, paths) })
      : chosen;
  } catch (error: unknown) {
    asked.signal.throwIfAborted();
    throw cacheFault(into, error);
  }
}

async function unpackOne(
  { unpack }: Setting,
  { uri, signal }: Asked,
  { file, from, into }: { file: RemoteFile; from: string; into: string },
): Promise<void> {
  if (file.unpack !== undefined)
    return unpack(from, into, {
      unpacking: file.unpack,
      limits: LIMITS,
      called: `${uri} (${file.path})`,
      signal,
    });
  await mkdir(dirname(join(into, file.path)), { recursive: true });
  await copyFile(from, join(into, file.path));
}

async function filesIn(folder: string, root: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path, root);
      return entry.isFile() ? [relative(root, path)] : [];
    }),
  );
  return found.flat();
}

async function hashed(
  { paths, ...chosen }: ChosenOfArchive,
  into: string,
  { signal, tell }: Asked,
): Promise<Omit<Unpacked, 'signatures'>> {
  const ready: Ready[] = [];
  let done = 0;
  for (const path of paths) {
    const from = join(into, path);
    const { size, hexes } = await hashing.file(from, { signal });
    done += size;
    ready.push({ path, from, size, sha256: hexes[0] ?? '' });
    tell({ phase: 'verifying', files: paths.length, total: undefined, done, reused: 0 });
  }
  return { ready, ...chosen };
}
