/** Members that several parts of an infer request have. */
import { invalid } from '../models/signature.ts';
import type { Scanner } from '../tensors/scanner.ts';
import { shown } from '../tensors/shown.ts';

/** Parameters are scalars; none has an effect yet, and names that begin with triton_ are reserved. */
export function readParameters(scanner: Scanner, owner: string): void {
  if (!scanner.isObject())
    throw invalid(`the parameters of ${owner} must be an object`, ['parameters'], 'type_error');
  scanner.object(name => {
    const scalar = !scanner.isObject() && !scanner.isArray() && scanner.value() !== null;
    if (!scalar)
      throw invalid(`the parameter '${shown(name)}' must be a string, number or boolean`, [
        'parameters',
        name,
      ]);
    if (name.startsWith('triton_'))
      throw invalid(`the parameter '${shown(name)}' uses a reserved prefix 'triton_'`, ['parameters', name]);
    if (name === 'binary_data_size')
      throw invalid('binary tensor data is not supported; send the tensor as JSON', ['parameters', name]);
  });
}

export function readName(scanner: Scanner, owner: string): string {
  if (scanner.isString()) return scanner.string();
  throw invalid(`the name of ${owner} must be a string`, [owner, 'name'], 'type_error');
}
