/** Packages of npm that lie beside fairlead on this machine. */
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NodePackage } from '../recipes/native.ts';
import { filesBelow, isHidden } from './files-below.ts';

/**
 * ONNX Runtime for Node, and what that loads, as `from` (a file's path) would find them; none where it is not installed. What its
 * installer needs is no part of it.
 */
export async function onnxPackages(from: string): Promise<readonly NodePackage[]> {
  const node = await packageAt('onnxruntime-node', from);
  const common = node && (await packageAt('onnxruntime-common', join(node.folder, 'package.json')));
  return node === undefined || common === undefined ? [] : [node.read, common.read];
}

async function packageAt(
  name: string,
  from: string,
): Promise<{ readonly folder: string; readonly read: NodePackage } | undefined> {
  const folder = await folderOf(name, from);
  return folder === undefined ? undefined : { folder, read: await readPackage(name, folder) };
}

/** Its entry lies somewhere below it; `package.json` cannot be asked for where `exports` does not name it. */
async function folderOf(name: string, from: string): Promise<string | undefined> {
  for (let folder = entryOf(name, from); folder !== undefined; ) {
    const found = await manifestIn(folder);
    if (found?.name === name) return folder;
    const above = dirname(folder);
    folder = above === folder ? undefined : above;
  }
  return undefined;
}

function entryOf(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(from).resolve(name));
  } catch {
    // It is not installed.
    return undefined;
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

async function manifestIn(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

async function readPackage(name: string, folder: string): Promise<NodePackage> {
  const { version = '', license } = (await manifestIn(folder)) ?? {};
  const isLeftOut = (path: string): boolean => isHidden(path) || path === 'node_modules';
  const entries = await filesBelow(folder, { to: '', isLeftOut });
  const files = await Promise.all(
    entries.map(async ({ path, from }) => {
      const file = String(from);
      return { path: path.slice(1), from: file, bytes: (await stat(file)).size };
    }),
  );
  return { name, version, licence: license, files };
}
