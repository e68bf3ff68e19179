/**
 * What classifies and what regresses. TensorFlow Serving reads it off a signature's method; an ONNX model has none, so its
 * outputs decide: by the names that TensorFlow's signatures have, or by there being only one that can be meant.
 */
import { failure } from '#base';
import { invalid, type ServedModel } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { fromHalf } from '../../tensors/half.ts';
import { shapeText, type Tensor, type TensorSpec } from '../../tensors/tensor.ts';
import type { Answered } from '../port.ts';

/** The places of outputs in the signature; at least one is there. */
export interface ClassOutputs {
  readonly scores: number | undefined;
  readonly classes: number | undefined;
}

export interface Class {
  readonly label: string;
  readonly score: number;
}

/**
 * The outputs `scores` (floats) and `classes` (strings), either or both, of shape [N,k]; without these names the only float
 * output of that shape, which scikit-learn's converted classifiers have beside the one label. Throws `input_invalid`.
 */
export function classOutputs(model: ServedModel): ClassOutputs {
  const { outputs } = model.signature;
  const place = (fits: (spec: TensorSpec) => boolean): number | undefined => {
    const found = outputs.findIndex(fits);
    return found === -1 ? undefined : found;
  };
  const isNamed = outputs.some(({ name }) => name === 'scores' || name === 'classes');
  const scores = isNamed
    ? place(spec => spec.name === 'scores' && isFloat(spec) && isMatrix(spec))
    : onlyPlace(outputs, spec => isFloat(spec) && isMatrix(spec));
  const classes = place(spec => spec.name === 'classes' && spec.datatype === 'BYTES' && isMatrix(spec));
  if (scores !== undefined || classes !== undefined) return { scores, classes };
  throw unsuited(
    model,
    "Expected classification signature: an output 'scores' (float) or 'classes' (string), or only one float output, of shape [N,k]",
  );
}

/** The output `outputs`, or without it the only float output, of shape [N] or [N,1]. Throws `input_invalid`. */
export function regressOutput(model: ServedModel): number {
  const { outputs } = model.signature;
  const isNamed = outputs.some(({ name }) => name === 'outputs');
  const place = onlyPlace(outputs, spec => isFloat(spec) && (!isNamed || spec.name === 'outputs'));
  const spec = place === undefined ? undefined : outputs[place];
  if (place !== undefined && spec !== undefined && isColumn(spec)) return place;
  throw unsuited(
    model,
    "Expected regression signature: an output 'outputs', or only one float output, of shape [N] or [N,1]",
  );
}

/** The classes of each example, in the model's order. Throws `input_invalid` when the outputs are not of so many. */
export function classesOf({ model, outputs }: Answered, places: ClassOutputs, examples: number): Class[][] {
  const scores = places.scores === undefined ? undefined : outputs[places.scores];
  const classes = places.classes === undefined ? undefined : outputs[places.classes];
  const width = widthOf([scores, classes], examples);
  const labels = places.scores === undefined ? [] : (model.signature.outputs[places.scores]?.labels ?? []);
  const classAt = (example: number, index: number): Class => {
    const element = example * width + index;
    return {
      label: classes === undefined ? (labels[index] ?? String(index)) : textAt(classes, element),
      score: scores === undefined ? 0 : numberAt(scores, element),
    };
  };
  return Array.from({ length: examples }, (_, example) =>
    Array.from({ length: width }, (__, index) => classAt(example, index)),
  );
}

/** The value of each example. Throws `input_invalid` when the output is not of so many. */
export function valuesOf({ outputs }: Answered, place: number, examples: number): number[] {
  const output = outputs[place];
  const [rows, width = 1, more] = output?.shape ?? [];
  if (output === undefined || rows !== examples || width !== 1 || more !== undefined)
    throw invalid(
      `Expected output Tensor shape to be either [${examples}] or [${examples},1] but got ${shapeText(output?.shape ?? [])}`,
      [],
    );
  return Array.from({ length: examples }, (_, example) => numberAt(output, example));
}

/** Classes of one example, the same in both outputs. */
function widthOf(tensors: readonly (Tensor | undefined)[], examples: number): number {
  const shapes = tensors.flatMap(tensor => (tensor === undefined ? [] : [tensor.shape]));
  const width = shapes[0]?.[1] ?? 0;
  const odd = shapes.find(shape => shape.length !== 2 || shape[0] !== examples || shape[1] !== width);
  if (odd === undefined) return width;
  throw invalid(`Expected Tensor shape: [${examples},${width}] but got ${shapeText(odd)}`, []);
}

function textAt({ data }: Tensor, index: number): string {
  const text = data instanceof ByteStrings ? data.text(index) : undefined;
  if (text === undefined) throw failure('output_not_text', { index });
  return text;
}

function numberAt({ datatype, data }: Tensor, index: number): number {
  const value = Number((data as Exclude<Tensor['data'], ByteStrings>)[index]);
  return datatype === 'FP16' ? fromHalf(value) : value;
}

function isFloat({ datatype }: TensorSpec): boolean {
  return datatype === 'FP32' || datatype === 'FP64' || datatype === 'FP16';
}

function isMatrix({ shape, unknownRank }: TensorSpec): boolean {
  return unknownRank === true || shape.length === 2;
}

function isColumn({ shape, unknownRank }: TensorSpec): boolean {
  return (
    unknownRank === true || shape.length === 1 || (shape.length === 2 && (shape[1] === 1 || shape[1] === -1))
  );
}

/** The place of the one that fits; undefined when it is not the only one. */
function onlyPlace(specs: readonly TensorSpec[], fits: (spec: TensorSpec) => boolean): number | undefined {
  const places = specs.flatMap((spec, index) => (fits(spec) ? [index] : []));
  return places.length === 1 ? places[0] : undefined;
}

function unsuited({ name, signature }: ServedModel, expected: string): Error {
  const outputs = signature.outputs.map(
    spec => `${spec.name} ${spec.datatype}${spec.unknownRank === true ? '' : ` ${shapeText(spec.shape)}`}`,
  );
  return invalid(`${expected}; the outputs of model '${name}' are: ${outputs.join(', ')}`, []);
}
