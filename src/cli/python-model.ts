/** How a model of Python is loaded and run, from what is written of it. */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure } from '#base';
import type { ModelSettings, PythonModel } from '#server';
import {
  effective,
  memoryBytes,
  milliseconds,
  type PythonLoader,
  type PythonOptions,
  strayField,
} from '#spec';
import type { Asked } from './asked-models.ts';
import { loaderAt } from './python-class.ts';
import { written } from './written.ts';

/** A run that takes longer is ended, where nobody says otherwise and no request may wait for longer. Milliseconds. */
const RUN_MS = 10_000;

/** What is not written. */
const usual = {
  interpreter: 'python3',
  requirements: [],
  allowUnsafeFormats: false,
  trusted: [],
  device: 'cpu',
} as const;

/** A model that Python runs, and in how many processes. */
export interface PythonRun {
  readonly model: PythonModel;
  readonly settings: Pick<ModelSettings, 'threads' | 'instances'>;
}

/** What is known of a model beside what was asked for. */
export interface Known {
  readonly path: string;
  /** The author's, if it is loaded by one. */
  readonly class: string | undefined;
  readonly deadlineMs: number;
}

/**
 * Of a model at a path; undefined for one of ONNX. Throws `spec_invalid` for what is written of it and has no effect on it, and
 * `format_unknown`.
 */
export async function pythonOf(asked: Asked, known: Known): Promise<PythonRun | undefined> {
  const { path, class: named } = known;
  const own = asked.runtime ?? {};
  const loader = await loaderAt(path, named);
  if (loader === undefined) throw failure('format_unknown', { path });
  if (loader === 'onnx') {
    if (own.python === undefined) return undefined;
    throw faulty(asked, 'python has no effect on a model of ONNX');
  }
  checkOwn(asked, loader);
  const said = { ...effective(asked.usualPython ?? {}, loader), ...own.python };
  const { threads = 1, instances = 1 } = said;
  return { model: await modelOf(asked, said, { ...known, loader }), settings: { threads, instances } };
}

/** A program on PATH stays as it is; a path starts at `base`. */
export function interpreterAt(interpreter: string, base: string): string {
  return interpreter.includes('/') ? resolve(base, interpreter) : interpreter;
}

function checkOwn(asked: Asked, loader: PythonLoader): void {
  const { onnx, python = {} } = asked.runtime ?? {};
  if (onnx !== undefined) throw faulty(asked, 'onnx has no effect on a model that Python runs');
  const stray = strayField(python, [loader]);
  if (stray !== undefined) throw faulty(asked, `python.${stray} has no effect on a model of ${loader}`);
  if (loader !== 'safetensors' || python.class !== undefined || asked.usualPython?.class !== undefined)
    return;
  throw faulty(
    asked,
    "python.class is missing: safetensors hold weights, and not the module that they are of, such as 'model:Net'",
  );
}

async function modelOf(
  { base }: Asked,
  python: PythonOptions,
  { path, class: named, deadlineMs, loader }: Known & { readonly loader: PythonLoader },
): Promise<PythonModel> {
  const { class: _class, memory, runTime, threads: _threads, instances: _instances, ...own } = python;
  const { interpreter, ...said } = { ...usual, ...written(own) };
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  return {
    ...said,
    loader,
    ...(named !== undefined && { class: namesOf(named) }),
    folder: isFolder ? path : dirname(path),
    interpreter: interpreterAt(interpreter, base),
    ...(memory !== undefined && { memoryBytes: memoryBytes(memory) }),
    runMs: runTime === undefined ? Math.max(RUN_MS, deadlineMs) : milliseconds(runTime),
  };
}

/** `MODULE:CLASS`, as the schema has checked. */
function namesOf(named: string): { module: string; name: string } {
  const [module = '', name = ''] = named.split(':');
  return { module, name };
}

function faulty({ from }: Asked, issue: string): Error {
  return failure('spec_invalid', { file: from, issues: [`runtime.${issue}`] });
}
