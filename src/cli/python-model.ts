/** How a model of Python is loaded and run, from what is written of it. */
import { dirname, resolve } from 'node:path';
import { failure } from '#base';
import type { ModelSettings, PythonModel } from '#server';
import { formatOf, memoryBytes, milliseconds, type PythonFormat, type PythonOptions } from '#spec';
import type { Asked } from './asked-models.ts';
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

/** Whether a folder is the model, whatever lies in it: the author's class loads it. */
export function isWhole({ runtime }: Pick<Asked, 'runtime'>): boolean {
  return runtime?.python?.class !== undefined;
}

/** Of a model at a path; undefined for one of ONNX. Throws `spec_invalid` for what is written and has no effect on it. */
export function pythonOf(asked: Asked, path: string, deadlineMs: number): PythonModel | undefined {
  const python = asked.runtime?.python;
  const format = formatOf(path);
  if (format !== 'onnx')
    return { ...modelOf(asked, python ?? {}, deadlineMs), ...loadingOf(asked, path, format) };
  if (python === undefined) return undefined;
  throw faulty(asked, 'python has no effect on a model of ONNX');
}

/** A program on PATH stays as it is; a path starts at `base`. */
export function interpreterAt(interpreter: string, base: string): string {
  return interpreter.includes('/') ? resolve(base, interpreter) : interpreter;
}

type Loading = Pick<PythonModel, 'loader' | 'class' | 'folder'>;

function modelOf(
  { base }: Asked,
  python: PythonOptions,
  deadlineMs: number,
): Omit<PythonModel, keyof Loading> {
  const { class: _class, memory, runTime, threads: _threads, instances: _instances, ...own } = python;
  const { interpreter, ...said } = { ...usual, ...written(own) };
  return {
    ...said,
    interpreter: interpreterAt(interpreter, base),
    ...(memory !== undefined && { memoryBytes: memoryBytes(memory) }),
    runMs: runTime === undefined ? Math.max(RUN_MS, deadlineMs) : milliseconds(runTime),
  };
}

function loadingOf(asked: Asked, path: string, format: PythonFormat | undefined): Loading {
  const named = asked.runtime?.python?.class;
  const folder = format === undefined ? path : dirname(path);
  if (format === 'safetensors' && named === undefined)
    throw faulty(
      asked,
      "python.class is missing: safetensors hold weights, and not the module that they are of, such as 'model:Net'",
    );
  if (named === undefined) return { loader: format ?? 'savedmodel', folder };
  return { loader: format === 'safetensors' ? format : 'class', class: classOf(named), folder };
}

/** `MODULE:CLASS`, as the schema has checked. */
function classOf(named: string): { module: string; name: string } {
  const [module = '', name = ''] = named.split(':');
  return { module, name };
}

/** The settings of its processes: those that are written for models of ONNX are not meant. */
export function processesOf({
  runtime,
}: Pick<Asked, 'runtime'>): Pick<ModelSettings, 'threads' | 'instances'> {
  const { threads = 1, instances = 1 } = runtime?.python ?? {};
  return { threads, instances };
}

function faulty({ from }: Asked, issue: string): Error {
  return failure('spec_invalid', { file: from, issues: [`runtime.${issue}`] });
}
