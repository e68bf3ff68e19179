/** Fairlead itself, as it was built: what `scripts/build.ts` writes, with what it says of the packages in it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, messageOf } from '#base';
import type { FileEntry } from '../layer-entry.ts';
import type { LayerFiles, Package } from '../recipe.ts';
import { PROGRAM } from '../recipes/places.ts';
import { bytesOf, filesBelow, isHidden } from './files-below.ts';

export interface ProgramVersion {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** Of a folder with the built program. Throws `file_unreadable`, or `image_invalid` for a folder without it. */
export async function programFiles(folder: string, about: ProgramVersion): Promise<LayerFiles> {
  const found = await filesBelow(folder, { to: PROGRAM, isLeftOut });
  if (!found.some(isEntry))
    throw failure('image_invalid', {
      subject: folder,
      problem: 'it holds no fairlead.js, the built program',
    });
  const entries = [...found.map(plain), packageFile(about)];
  const own: Package = { kind: 'npm', ...about, bytes: await bytesOf(entries) };
  return {
    title: `${about.name} ${about.version}`,
    entries,
    packages: [own, ...(await bundledIn(join(folder, 'packages.json')))],
  };
}

/** No map of sources, which hold paths and are for who writes fairlead; nor what lies beside the program in an image. */
function isLeftOut(path: string): boolean {
  return isHidden(path) || path.endsWith('.map') || path === 'node_modules' || path === 'package.json';
}

function isEntry({ path }: FileEntry): boolean {
  return path === `${PROGRAM}/fairlead.js`;
}

/** Only the entry is run by its name; how files were installed decides nothing. */
function plain(file: FileEntry): FileEntry {
  const { isProgram: _installed, ...rest } = file;
  return isEntry(file) ? { ...rest, isProgram: true } : rest;
}

/** What makes its files modules, and tells its version. */
function packageFile({ name, version, licence }: ProgramVersion): FileEntry {
  const text = JSON.stringify({ name, version, license: licence, type: 'module' });
  return { kind: 'file', path: `${PROGRAM}/package.json`, from: Buffer.from(`${text}\n`) };
}

async function bundledIn(path: string): Promise<Package[]> {
  try {
    const list = JSON.parse(await readFile(path, 'utf8')) as readonly Record<string, string>[];
    return list.map(({ name = '', version = '', license }) => ({
      kind: 'npm',
      name,
      version,
      licence: license,
    }));
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}
