/** Requests that work, for readers to try: zeros in a shape that the model has answered to. */
import type { ServedModel } from '../../models/signature.ts';
import { type Datatype, elementCount, type TensorSpec } from '../../tensors/tensor.ts';
import type { Json } from './json.ts';

/** Longer examples explain nothing. Elements. */
const MOST_ELEMENTS = 1024;

interface ExampleTensor {
  readonly spec: TensorSpec;
  readonly shape: readonly number[];
}

/** A tensor for each input; undefined when one is too large to be shown. */
export function exampleTensors({ signature, shapes }: ServedModel): readonly ExampleTensor[] | undefined {
  const tensors = signature.inputs.map((spec, index) => ({
    spec,
    shape: shapes?.[index] ?? spec.shape.map(size => Math.max(size, 1)),
  }));
  return tensors.some(({ shape }) => elementCount(shape) > MOST_ELEMENTS) ? undefined : tensors;
}

/** The body `{"inputs": …}`: the tensor of the only input by itself, those of several by their names. */
export function bareOrNamed(model: ServedModel): Json | undefined {
  const tensors = exampleTensors(model);
  if (tensors === undefined) return undefined;
  const [only, second] = tensors;
  if (only !== undefined && second === undefined) return { inputs: nestedZeros(only) };
  return { inputs: Object.fromEntries(tensors.map(one => [one.spec.name, nestedZeros(one)])) };
}

/** Zeros nested by shape. */
function nestedZeros({ spec, shape }: ExampleTensor): Json {
  return nest(shape, zeroOf(spec.datatype));
}

/** Zeros in one list. */
export function flatZeros({ spec, shape }: ExampleTensor): readonly Json[] {
  return Array.from({ length: elementCount(shape) }, () => zeroOf(spec.datatype));
}

function nest([size, ...inner]: readonly number[], zero: Json): Json {
  return size === undefined ? zero : Array.from({ length: size }, () => nest(inner, zero));
}

function zeroOf(datatype: Datatype): Json {
  if (datatype === 'BYTES') return '';
  return datatype === 'BOOL' ? false : 0;
}
