import { failure, type Place } from '#base';
import { shown } from '../tensors/shown.ts';
import { type Datatype, elementCount, shapeText, type Tensor, type TensorSpec } from '../tensors/tensor.ts';
import type { RunFacts } from './settings.ts';

/** What a model takes and gives. */
export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Whether the first dimension of every input and output is the batch: rows that do not affect one another. */
  readonly batched: boolean;
}

/** Which model it is, where that is known: what was loaded, and where that was fetched from. */
export interface Origin {
  /** `sha256:` and 64 hex digits, as `digest` of a service file pins it. */
  readonly digest?: string;
  readonly uri?: string;
}

/** A model that can answer, as protocols see it. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  /** OIP/V2's `<project>_<format>`: `onnxruntime_onnxv1`. */
  readonly platform: string;
  readonly signature: Signature;
  /** How it runs, where that is known. */
  readonly running?: RunFacts;
  /** Of each input, a shape that the model answers to, where that is known. */
  readonly shapes?: readonly (readonly number[])[];
  readonly origin?: Origin;
}

/** One prediction asked for, in the model's own terms. */
export interface InferRequest {
  /** One for each input of the signature, in its order. */
  readonly inputs: readonly Tensor[];
  /** Size of the first dimension when the model is batched, otherwise 1. */
  readonly rows: number;
  /** Milliseconds from its arrival to its answer, if it says. */
  readonly deadlineMs?: number;
  /** From 1, the most urgent, if it says. */
  readonly priority?: number;
}

/** An input as a protocol read it. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
  /** Where it stands in the body, for messages. */
  readonly at: Place;
}

/** Checks inputs against a model's signature and puts them in its order. */
export function toRequest(model: ServedModel, given: readonly NamedTensor[], at: Place): InferRequest {
  const { signature } = model;
  checkNames(model, given, at);
  const inputs = signature.inputs.map(spec => {
    const input = given.find(({ name }) => name === spec.name);
    if (input === undefined)
      throw invalid(`input '${spec.name}' is missing for model '${model.name}'`, at, 'missing');
    checkTensor(model, spec, input);
    return input.tensor;
  });
  const rows = signature.batched ? commonRows(model, given) : 1;
  checkSizes(model, given);
  return { inputs, rows };
}

/** Sizes that the model calls by one name must be equal: the runtime would fail on them, in words of its own. */
function checkSizes({ name: model, signature }: ServedModel, given: readonly NamedTensor[]): void {
  if (!signature.inputs.some(({ sizeNames = [] }) => sizeNames.some(size => size !== ''))) return;
  const known = new Map<string, { size: number | undefined; input: string }>();
  for (const { name: input, tensor, at } of given) {
    const names = signature.inputs.find(({ name }) => name === input)?.sizeNames ?? [];
    for (const [axis, name] of names.entries()) {
      if (name === '') continue;
      const size = tensor.shape[axis];
      const first = known.get(name) ?? { size, input };
      if (first.size !== size)
        throw invalid(
          `the size '${name}' of model '${model}' is ${first.size} in input '${first.input}' and ${size} in input '${input}'`,
          at,
        );
      known.set(name, first);
    }
  }
}

function checkNames(model: ServedModel, given: readonly NamedTensor[], at: Place): void {
  const { inputs } = model.signature;
  if (given.length !== inputs.length) {
    const names = inputs.map(({ name }) => name).join(', ');
    const problem = `expected ${inputs.length} inputs but got ${given.length} inputs for model '${model.name}'; its inputs are: ${names}`;
    throw invalid(problem, at, 'value_error');
  }
  for (const { name, at: place } of given) specOf(model, name, place);
}

/** The declaration of a named input. */
export function specOf(model: ServedModel, name: string, at: Place): TensorSpec {
  const { inputs } = model.signature;
  const spec = inputs.find(input => input.name === name);
  if (spec !== undefined) return spec;
  const names = inputs.map(input => input.name).join(', ');
  throw invalid(
    `unexpected inference input '${shown(name)}' for model '${model.name}'; its inputs are: ${names}`,
    at,
    'extra_forbidden',
  );
}

function checkTensor(model: ServedModel, spec: TensorSpec, input: NamedTensor): void {
  const { tensor, at } = input;
  const { name } = spec;
  if (tensor.datatype !== spec.datatype) {
    throw invalid(
      `inference input '${name}' data-type is '${tensor.datatype}', but model '${model.name}' expects '${spec.datatype}'`,
      at,
      'type_error',
    );
  }
  const fits =
    spec.unknownRank === true ||
    (spec.shape.length === tensor.shape.length &&
      spec.shape.every((size, axis) => size === -1 || size === tensor.shape[axis]));
  if (fits) {
    checkEmpty(model, input);
    return checkStrings(model, input);
  }
  throw invalid(
    `unexpected shape for input '${name}' for model '${model.name}'. Expected ${shapeText(spec.shape)}, got ${shapeText(tensor.shape)}`,
    at,
    'value_error',
  );
}

/** Sizes of a tensor without elements multiply to no more, those of 0 left out. */
const MOST_EMPTY = 65_536;

/**
 * Where there are elements, they bound every size; without any, a few bytes of shape ask for any number of rows, and the
 * model and its answer have something for each of them.
 */
function checkEmpty(model: ServedModel, { name, tensor: { shape, data }, at }: NamedTensor): void {
  if (data.length > 0 || elementCount(shape.filter(size => size > 0)) <= MOST_EMPTY) return;
  throw invalid(
    `the shape ${shapeText(shape)} of input '${name}' for model '${model.name}' has no elements, and more than ${MOST_EMPTY} places for them`,
    at,
    'value_error',
  );
}

/** As many parts as a message over gRPC may have. */
const MOST_STRINGS = 1_000_000;

/** The runtime takes each as a string of its own, which holds up other requests for long when there are many millions. */
function checkStrings(model: ServedModel, { name, tensor: { datatype, data }, at }: NamedTensor): void {
  if (datatype !== 'BYTES' || data.length <= MOST_STRINGS) return;
  throw invalid(
    `input '${name}' for model '${model.name}' has ${data.length} strings, more than ${MOST_STRINGS}`,
    at,
    'value_error',
  );
}

function commonRows(model: ServedModel, given: readonly NamedTensor[]): number {
  const rows = given[0]?.tensor.shape[0] ?? 1;
  const odd = given.find(({ tensor }) => tensor.shape[0] !== rows);
  if (odd === undefined) return rows;
  throw invalid(
    `input '${odd.name}' batch size does not match other inputs for '${model.name}': ${odd.tensor.shape[0]} rows beside ${rows}`,
    odd.at,
    'value_error',
  );
}

/** Checks that a shape describes as many elements as were sent, before anything is allocated for them. */
export function checkCount(input: {
  name: string;
  shape: readonly number[];
  count: number;
  at: Place;
}): void {
  const { name, shape, count, at } = input;
  const expected = elementCount(shape);
  if (expected === count) return;
  const problem =
    expected > Number.MAX_SAFE_INTEGER
      ? `the shape ${shapeText(shape)} of input '${shown(name)}' exceeds any tensor's element count`
      : `input '${shown(name)}' has ${count} elements, but its shape ${shapeText(shape)} needs ${expected}`;
  throw invalid(problem, at, 'value_error');
}

/** A request that is wrong for this model; `kind` is a word of FastAPI's for `/predict`. */
export function invalid(problem: string, at: Place, kind = 'value_error'): Error {
  const place = at.map(segment => (typeof segment === 'string' ? shown(segment) : segment));
  return failure('input_invalid', { problem, at: place, kind });
}

/** Whether a datatype has a form in OIP/V2's JSON: half precision goes by binary only. */
export function hasJsonForm(datatype: Datatype): boolean {
  return datatype !== 'FP16';
}
