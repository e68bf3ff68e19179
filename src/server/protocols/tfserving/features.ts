/**
 * TensorFlow's examples: features by name, each a flat list of values. A model here has a tensor for each feature, so a
 * feature's list takes the shape that its input declares for one row. Features that are no input are passed over, as
 * TensorFlow's own parsing of examples does.
 */
import { invalid } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import { elementCount, shapeText, type TensorSpec } from '../../tensors/tensor.ts';

/**
 * The shape of one example's part of an input, given how many values each example has for it. Throws `input_invalid` when
 * they do not agree, or do not make the shape.
 */
export function rowShape(spec: TensorSpec, counts: readonly number[]): readonly number[] {
  const [count = 0] = counts;
  const odd = counts.findIndex(other => other !== count);
  if (odd !== -1)
    throw invalid(
      `Feature: ${spec.name} has ${counts[odd]} values in example ${odd}, and ${count} in the first`,
      ['examples', odd, spec.name],
    );
  if (spec.unknownRank === true) return count === 1 ? [] : [count];
  const shape = spec.shape.slice(1);
  const known = elementCount(shape.filter(size => size !== -1));
  const free = known === 0 ? 0 : count / known;
  const fits = shape.includes(-1) ? Number.isInteger(free) : count === known;
  if (fits && shape.filter(size => size === -1).length <= 1)
    return shape.map(size => (size === -1 ? free : size));
  throw invalid(
    `Feature: ${spec.name} has ${count} values, which the shape ${shapeText(shape)} of an example does not take`,
    ['examples', 0, spec.name],
  );
}

export function missingFeature(spec: Pick<TensorSpec, 'name'>, example: number): Error {
  const at = ['examples', example, spec.name];
  return invalid(`Feature: ${shown(spec.name)} is required but could not be found`, at, 'missing');
}
