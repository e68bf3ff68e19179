/** Members that several parts of an infer request have. */
import { invalid } from '../../models/signature.ts';
import type { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';

export type Parameters = ReadonlyMap<string, string | number | boolean>;

export const noParameters: Parameters = new Map();

/** Names that a model can never see: Triton's own. */
const reserved = ['headers'];

/** Parameters are scalars. What names no feature here is for the model, which has no use for it. */
export function readParameters(scanner: Scanner, owner: string): Parameters {
  const at = [owner, 'parameters'];
  if (!scanner.isObject()) throw invalid(`the parameters of ${owner} must be an object`, at, 'type_error');
  const parameters = new Map<string, string | number | boolean>();
  scanner.object(name => {
    const value = scanner.isObject() || scanner.isArray() ? undefined : scanner.value();
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw invalid(`the parameter '${shown(name)}' must be a string, number or boolean`, [...at, name]);
    if (name.startsWith('triton_'))
      throw invalid(`the parameter '${shown(name)}' uses a reserved prefix 'triton_'`, [...at, name]);
    if (reserved.includes(name)) throw invalid(`the parameter '${name}' is reserved`, [...at, name]);
    if (name.startsWith('shared_memory_'))
      throw invalid('shared memory is not supported; send the tensor in the request', [...at, name]);
    parameters.set(name, value);
  });
  return parameters;
}

/** A parameter that is true or false, if it is there. */
export function booleanOf(parameters: Parameters, name: string): boolean | undefined {
  const value = parameters.get(name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(`the parameter '${name}' must be true or false`, ['parameters', name], 'type_error');
}

/** A parameter that counts something, if it is there. */
export function countOf(parameters: Parameters, name: string): number | undefined {
  const value = parameters.get(name);
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0))
    return value;
  throw invalid(`the parameter '${name}' must be an integer from 0`, ['parameters', name], 'type_error');
}

export function readName(scanner: Scanner, owner: string): string {
  if (scanner.isString()) return scanner.string();
  throw invalid(`the name of ${owner} must be a string`, [owner, 'name'], 'type_error');
}
