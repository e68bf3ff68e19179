import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, messageOf, type Result } from '#base';
import {
  describeIssue,
  type Issue,
  type ModelEntry,
  type ModelSource,
  type PythonOptions,
  parseModels,
  parsePython,
  readClass,
  type Versions,
} from '#spec';
import { versionsOf, wrong } from './flags.ts';

/** What is said of a model beside its place. */
export interface Naming {
  readonly name?: string;
  readonly modelVersion?: string;
  /** Which of numbered versions. */
  readonly versions?: string;
  /** What is let in of it, and fetched. */
  readonly digest?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Of models of Python. */
  readonly interpreter?: string;
  readonly class?: string;
  readonly allowUnsafeFormats?: true;
  /** All of that and more, as `runtime.python` of a file has it. */
  readonly python?: string;
}

/** The flags that say what to serve. */
export interface AskedFlags extends Naming {
  /** A file with a list. */
  readonly models?: string;
}

/** A model, or a folder of them, as it was asked for. */
export interface Asked extends Omit<ModelSource, 'versions'> {
  readonly versions?: Versions | undefined;
  /** Where a relative path starts. */
  readonly base: string;
  readonly share?: number | undefined;
  /** What is said of Python for all that was asked for, as far as it is for such a model. */
  readonly usualPython?: PythonOptions | undefined;
  /** Nothing else was asked for: that is meant for it. */
  readonly isAlone?: boolean;
  /** What says so, for messages and `explain`. */
  readonly from: string;
}

/**
 * What was asked for: arguments and a list's file; where there are none, the list in `FAIRLEAD_MODELS`, and without that
 * `MODEL_PATH`, as a hand-written server would take it. Throws `usage_invalid`, `spec_invalid` or `file_unreadable`.
 */
export async function askedModels(given: readonly string[], flags: AskedFlags): Promise<readonly Asked[]> {
  const listed = flags.models === undefined ? [] : withPython(await listFile(flags.models), flags);
  const asked = [...(await argumentsOf(given, flags)), ...listed];
  const all = asked.length > 0 ? asked : fromEnvironment(flags);
  if (all.length > 1 && flags.name !== undefined)
    throw wrong('--name names one model, but several are given; write NAME=PATH');
  if (all.length > 1 && flags.digest !== undefined)
    throw wrong('--digest is that of one model, but several are given; a list has a digest for each');
  if (all.every(({ from }) => from !== ARGUMENT)) checkList(flags);
  return all;
}

/** What would be said of a model that is an argument has no effect on those of a list. */
function checkList(flags: AskedFlags): void {
  const given = {
    name: flags.name,
    'model-version': flags.modelVersion,
    versions: flags.versions,
    digest: flags.digest,
    include: flags.include,
    exclude: flags.exclude,
    interpreter: flags.interpreter,
    class: flags.class,
    'allow-unsafe-formats': flags.allowUnsafeFormats,
  };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined) throw wrong(`--${flag} is for models that are arguments; a list has its own`);
}

/** What is said of Python for all is for those of a list too, as far as it is for such a model. */
function withPython(listed: readonly Asked[], { python }: Naming): Asked[] {
  return listed.map(one => ({ ...one, ...usualPythonOf({ ...(python !== undefined && { python }) }) }));
}

const ARGUMENT = 'argument';

async function argumentsOf(given: readonly string[], flags: AskedFlags): Promise<Asked[]> {
  if (given.includes('')) throw nothing();
  const naming = namingOf(flags);
  const isAlone = given.length === 1 && flags.models === undefined;
  return Promise.all(given.map(async one => ({ ...naming, isAlone, ...(await argumentOf(one)) })));
}

function namingOf({
  name,
  modelVersion,
  versions,
  digest,
  include,
  exclude,
  ...python
}: Naming): Pick<Asked, 'name' | 'version' | 'versions' | 'digest' | 'include' | 'exclude' | 'usualPython'> {
  if (modelVersion !== undefined && versions !== undefined)
    throw wrong('--model-version names one version, and --versions chooses several');
  return {
    ...(name !== undefined && { name }),
    ...(modelVersion !== undefined && { version: modelVersion }),
    ...(versions !== undefined && {
      versions: versionsOf('versions', versions),
    }),
    ...(digest !== undefined && { digest: pin(digest) }),
    ...(include && { include: [...include] }),
    ...(exclude && { exclude: [...exclude] }),
    ...usualPythonOf(python),
  };
}

/** What `--digest` says. Throws `usage_invalid` for what is no digest. */
export function pin(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw wrong(
    `--digest must be sha256: and 64 hex digits in lower case, as \`fairlead store digest\` tells it, not '${text}'`,
  );
}

/** How Python is to run models, where a flag says so. */
function usualPythonOf({
  interpreter,
  class: named,
  allowUnsafeFormats,
  python: text,
}: Naming): Pick<Asked, 'usualPython'> {
  if (interpreter === '') throw wrong('--interpreter must name a program');
  const usualPython = {
    ...(text !== undefined && optionsIn(text)),
    ...(interpreter !== undefined && { interpreter }),
    ...(named !== undefined && { class: className(named) }),
    ...(allowUnsafeFormats && { allowUnsafeFormats }),
  };
  return Object.keys(usualPython).length === 0 ? {} : { usualPython };
}

function optionsIn(text: string): PythonOptions {
  const read = parsePython(text);
  if (read.ok) return read.value;
  throw failure('spec_invalid', { file: '--python', issues: read.error.map(describeIssue) });
}

function className(text: string): string {
  const read = readClass(text);
  if (read.ok) return read.value;
  throw wrong(`--class ${read.error}, not '${text}'`);
}

/** `NAME=PATH`, unless there is a file or folder of just that name: `v=1/model.onnx`. */
async function argumentOf(argument: string): Promise<Asked> {
  const here = { base: process.cwd(), from: ARGUMENT };
  const [, name, uri] = /^([A-Za-z0-9][-._A-Za-z0-9]*)=(.+)$/.exec(argument) ?? [];
  if (name === undefined || uri === undefined || (await isThere(argument))) return { uri: argument, ...here };
  return { name, uri, ...here };
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function fromEnvironment(flags: Naming): Asked[] {
  const list = process.env['FAIRLEAD_MODELS'];
  const base = process.cwd();
  if (list !== undefined) return withPython(listOf('FAIRLEAD_MODELS', parseModels(list), base), flags);
  const path = process.env['MODEL_PATH'];
  if (path === undefined) throw nothing();
  return [{ uri: path, base, from: ARGUMENT, isAlone: true, ...namingOf(flags) }];
}

async function listFile(path: string): Promise<Asked[]> {
  try {
    return listOf(path, parseModels(await readFile(path, 'utf8')), dirname(resolve(path)));
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}

function listOf(
  file: string,
  result: Result<readonly ModelEntry[], readonly Issue[]>,
  base: string,
): Asked[] {
  if (result.ok) return result.value.map((entry, at) => ({ ...entry, base, from: `${file} [${at}]` }));
  throw failure('spec_invalid', { file, issues: result.error.map(describeIssue) });
}

function nothing(): Error {
  return wrong('no model is named: give MODEL, or set MODEL_PATH');
}
