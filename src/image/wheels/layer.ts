import { posix } from 'node:path';
import { err, ok, type Result } from '#base';
import type { FileEntry, LayerEntry } from '../layer-entry.ts';
import type { LayerFiles, Package } from '../recipe.ts';
import { isVersion } from './choose.ts';
import { missingOf } from './dependencies.ts';
import { installed, type UnpackedWheel } from './installed.ts';
import type { Interpreter } from './interpreter.ts';
import { LOCK_IT, type Locked, type LockProblem } from './lock.ts';
import { type Metadata, parseMetadata } from './metadata.ts';
import { overlapOf } from './overlap.ts';
import { normalName } from './project-name.ts';
import { admits, parseSpecifiers } from './specifier.ts';
import { environmentOf, type Target } from './target.ts';
import { sitePackages, venvEntries } from './venv.ts';

/** A wheel that was chosen for a package of a lock. */
export interface Gathered {
  readonly locked: Locked;
  /** Its name as a file. */
  readonly file: string;
  readonly sha256: string;
  readonly wheel: UnpackedWheel;
}

interface Read extends Gathered {
  readonly metadata: Metadata;
}

/** The layer of a lock's packages, in a virtual environment of their own, if all that they need is among them. */
export function layerOf(
  all: readonly Gathered[],
  { file, interpreter, target }: { file: string; interpreter: Interpreter; target: Target },
): Result<LayerFiles, LockProblem> {
  const read = all.map(one => ({ ...one, metadata: metadataOf(one.wheel) }));
  const wrong = read.map(one => problemOf(one, interpreter)).find(problem => problem !== undefined);
  if (wrong !== undefined) return err(wrong);
  const described = read.map(one => ({ ...one, locked: { ...one.locked, version: one.metadata.version } }));
  const missing = missingOf(described, environmentOf(target));
  if (missing.length > 0) return err(unmet(missing));
  const entries = entriesOf(read, interpreter);
  if (!entries.ok) return entries;
  const count = `${all.length} package${all.length === 1 ? '' : 's'}`;
  return ok({
    title: `${count} of Python 3.${interpreter.minor} from ${posix.basename(file)}`,
    entries: entries.value,
    packages: read.map(packageOf),
  });
}

function metadataOf({ read, distInfo }: UnpackedWheel): Metadata {
  return parseMetadata(Buffer.from(read.get(`${distInfo}/METADATA`) ?? '').toString());
}

/** It must be what was asked for, in a format that is known, and for this Python. */
function problemOf(
  { locked, file, wheel, metadata }: Read,
  { version }: Interpreter,
): LockProblem | undefined {
  const { name, version: own, requiresPython = '' } = metadata;
  if (normalName(name) !== locked.name || !isVersion(own, locked.version))
    return broken(
      `${file} says that it is ${name === '' ? 'nothing' : `${name} ${own}`}, and ${locked.name} ${locked.version} is locked`,
    );
  const format = /^Wheel-Version:\s*(\S+)/m.exec(
    Buffer.from(wheel.read.get(`${wheel.distInfo}/WHEEL`) ?? '').toString(),
  )?.[1];
  if (format === undefined || !format.startsWith('1.'))
    return broken(`${file} is a wheel of the version ${format ?? '(none)'}, and 1 is known here`);
  // A condition that cannot be read is none, as installers have it.
  const specifiers = parseSpecifiers(requiresPython) ?? [];
  if (admits(specifiers, version)) return undefined;
  return {
    problem: `${locked.name} ${locked.version} needs Python ${requiresPython}, and the base has ${version}`,
    remedy:
      'name another base with --base, or lock for its Python: `uv pip compile --generate-hashes --python-version`',
  };
}

function broken(problem: string): LockProblem {
  return { problem, remedy: 'lock another version' };
}

const MOST_MISSING = 5;

function unmet(missing: readonly string[]): LockProblem {
  const more = missing.length > MOST_MISSING ? `, and ${missing.length - MOST_MISSING} more` : '';
  return { problem: `${missing.slice(0, MOST_MISSING).join('; ')}${more}`, remedy: LOCK_IT };
}

/** Those of all wheels in the order of their names: what two bring is the later one's, as installers have it. */
function entriesOf(
  all: readonly Read[],
  interpreter: Interpreter,
): Result<readonly LayerEntry[], LockProblem> {
  const files = new Map<string, FileEntry>();
  const site = sitePackages(interpreter);
  for (const { locked, file, wheel } of all) {
    const { name, version } = locked;
    const entries = installed(wheel, { name, version, minor: interpreter.minor, site });
    if (!entries.ok) return err(broken(`${file} ${entries.error}`));
    for (const entry of entries.value) files.set(entry.path, entry);
  }
  const overlap = overlapOf([...files.keys()]);
  if (overlap !== undefined)
    return err(broken(`two wheels want /${overlap}, one as a file and one as a folder`));
  const entries = [...venvEntries(interpreter), ...files.values()];
  return ok(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
}

function packageOf({ locked, sha256, wheel, metadata }: Read): Package {
  const bytes = wheel.files.reduce((sum, { size }) => sum + size, 0);
  return {
    kind: 'pypi',
    name: locked.name,
    version: metadata.version,
    licence: metadata.licence,
    sha256,
    bytes,
  };
}
