/** A request whose body is one tensor's bytes (`Inference-Header-Content-Length: 0`): what shape they have. */
import { invalid, type ServedModel } from '../../models/signature.ts';
import { elementSizes } from '../../tensors/raw.ts';
import { elementCount, shapeText, type TensorSpec } from '../../tensors/tensor.ts';

/** One input, one row where rows are batched, and at most one other size left open, which the bytes then decide. */
export function rawShape(model: ServedModel, bytes: number): TensorSpec {
  const [input, second] = model.signature.inputs;
  if (input === undefined || second !== undefined)
    throw refusal(model, `needs a model with one input, and it has ${model.signature.inputs.length}`);
  const shape = input.shape.map((size, axis) => (axis === 0 && model.signature.batched ? 1 : size));
  const free = shape.filter(size => size === -1).length;
  if (free > 1) throw refusal(model, `cannot tell the shape ${shapeText(shape)} of '${input.name}'`);
  if (input.datatype === 'BYTES') return stringShape(model, { ...input, shape });
  const known = elementCount(shape.filter(size => size !== -1)) * elementSizes[input.datatype];
  const size = known === 0 ? 0 : bytes / known;
  if (!Number.isInteger(size) || (free === 0 && size !== 1))
    throw refusal(
      model,
      `has ${bytes} bytes, which the shape ${shapeText(shape)} of '${input.name}' does not divide into elements`,
    );
  return { ...input, shape: shape.map(one => (one === -1 ? size : one)) };
}

/** Strings have no fixed size, so only one of them can be told from the bytes. */
function stringShape(model: ServedModel, input: TensorSpec): TensorSpec {
  const shape = input.shape.map(size => (size === -1 ? 1 : size));
  if (elementCount(shape) === 1) return { ...input, shape };
  throw refusal(model, `can carry one string only, and '${input.name}' has the shape ${shapeText(shape)}`);
}

function refusal({ name }: ServedModel, problem: string): Error {
  return invalid(`a raw binary request for model '${name}' ${problem}`, ['inputs']);
}
