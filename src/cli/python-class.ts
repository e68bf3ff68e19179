/** The author's class: of which models it is, and in which folders it finds them. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOf, isVersionNumber, modelFilesOf, type PythonLoader, SAVED_MODEL } from '#spec';
import type { Asked } from './asked-models.ts';

/**
 * The class of what lies at a path: its own, or that of its service where that is meant for it. That is so for the only model of
 * a service, and of several for what cannot be loaded without one.
 */
export async function classOf(
  { runtime, usualPython, isAlone }: Pick<Asked, 'runtime' | 'usualPython' | 'isAlone'>,
  root: string,
): Promise<string | undefined> {
  const own = runtime?.python?.class;
  const usual = usualPython?.class;
  if (own !== undefined || usual === undefined) return own;
  return isAlone || (await needsClass(root, usual)) ? usual : undefined;
}

async function needsClass(root: string, named: string): Promise<boolean> {
  const names = await namesIn(root);
  if (names === undefined) return isOfClass(formatOf(root));
  if (holdsModule(names, named)) return true;
  if (names.includes(SAVED_MODEL) || names.includes('config.pbtxt')) return false;
  if (modelFilesOf(names).some(name => !isOfClass(formatOf(name)))) return false;
  const latest = versionsAmong(names).at(-1);
  return latest === undefined || needsClass(join(root, latest), named);
}

/** What says nothing of how it is loaded. */
function isOfClass(format: ReturnType<typeof formatOf>): boolean {
  return format === undefined || format === 'safetensors';
}

/**
 * Whether a folder of the author's class is one of numbered versions: not where its module lies, whatever else does; but where
 * that lies in versions, or nothing lies but versions.
 */
export async function holdsVersions(root: string, named: string): Promise<boolean> {
  const names = (await namesIn(root)) ?? [];
  const versions = versionsAmong(names);
  if (versions.length === 0 || holdsModule(names, named)) return false;
  const within = await Promise.all(versions.map(version => namesIn(join(root, version))));
  if (within.some(one => one !== undefined && holdsModule(one, named))) return true;
  const others = names.filter(name => !name.startsWith('.') && !versions.includes(name));
  return others.length === 0 && within.every(one => one !== undefined);
}

/** How Python loads what lies at a path, or that it is one of ONNX; undefined where nothing tells. */
export async function loaderAt(
  path: string,
  named: string | undefined,
): Promise<PythonLoader | 'onnx' | undefined> {
  const format = formatOf(path);
  if (format === 'onnx') return format;
  const names = await namesIn(path);
  if (named === undefined) return names?.includes(SAVED_MODEL) ? 'savedmodel' : format;
  const isOfWeights = names === undefined ? format === 'safetensors' : holdsWeights(names);
  return isOfWeights ? 'safetensors' : 'class';
}

/** One file of weights: their module is what the class makes. */
function holdsWeights(names: readonly string[]): boolean {
  return modelFilesOf(names).filter(name => formatOf(name) === 'safetensors').length === 1;
}

/** Whether what is imported first for a class lies in a folder. */
function holdsModule(names: readonly string[], named: string): boolean {
  const [first = ''] = named.split(/[.:]/);
  return names.includes(`${first}.py`) || names.includes(first);
}

/** By their numbers. */
function versionsAmong(names: readonly string[]): readonly string[] {
  return names.filter(isVersionNumber).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** What lies in a folder; undefined for what is none. */
async function namesIn(path: string): Promise<readonly string[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? readdir(path).catch(() => []) : undefined;
}
