/** Which of the fields of `runtime.python` have an effect on a model: that hangs on how it is loaded. */
import type { PythonFormat } from './formats.ts';
import type { PythonOptions } from './python-schema.ts';

/** How Python makes a model of what lies at a path: by its format, or by the author's class. */
export type PythonLoader = 'class' | PythonFormat;

export type PythonField = keyof PythonOptions;

/** Of the fields that are for some loaders only, those. */
const only: Partial<Readonly<Record<PythonField, readonly PythonLoader[]>>> = {
  class: ['class', 'safetensors'],
  trusted: ['skops'],
  device: ['torch', 'safetensors'],
  allowUnsafeFormats: ['torch', 'keras', 'skops', 'joblib'],
};

/** The first field that has no effect on any model that is loaded so; undefined where each has one. */
export function strayField(python: PythonOptions, loaders: readonly PythonLoader[]): PythonField | undefined {
  return fieldsOf(python).find(field => !loaders.some(loader => isFor(field, loader)));
}

/** What of it has an effect. */
export function effective(python: PythonOptions, loader: PythonLoader): PythonOptions {
  const fields = fieldsOf(python).filter(field => isFor(field, loader));
  return Object.fromEntries(fields.map(field => [field, python[field]]));
}

/** Those that are written. */
function fieldsOf(python: PythonOptions): PythonField[] {
  return (Object.keys(python) as PythonField[]).filter(field => python[field] !== undefined);
}

function isFor(field: PythonField, loader: PythonLoader): boolean {
  return only[field]?.includes(loader) ?? true;
}
