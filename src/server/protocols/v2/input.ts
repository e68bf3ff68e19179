/** The inputs of an infer request: each a tensor with its name, datatype, shape and data. */
import {
  checkCount,
  hasJsonForm,
  invalid,
  type NamedTensor,
  type ServedModel,
} from '../../models/signature.ts';
import { measureTensor, type TensorText } from '../../tensors/measure.ts';
import { readRaw } from '../../tensors/raw.ts';
import type { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import { type Datatype, isDatatype, MOST_RANK, type TensorData } from '../../tensors/tensor.ts';
import { readTensor } from '../../tensors/text-reader.ts';
import type { BinarySection } from './binary.ts';
import { countOf, noParameters, type Parameters, readName, readParameters } from './parameters.ts';

/** Where inputs come from: the JSON, and the bytes behind it. */
export interface InferSource {
  readonly model: ServedModel;
  readonly scanner: Scanner;
  readonly binary: BinarySection;
}

export function readInputs(source: InferSource): NamedTensor[] {
  const { scanner, model } = source;
  if (!scanner.isArray()) throw invalid("the member 'inputs' must be a list", ['inputs'], 'type_error');
  const inputs: NamedTensor[] = [];
  const expected = model.signature.inputs.length;
  let count = 0;
  scanner.array(index => {
    count++;
    if (index >= expected) return scanner.skip();
    const input = readInput(source, index);
    if (inputs.some(({ name }) => name === input.name))
      throw invalid(`input '${input.name}' already exists in request`, input.at);
    inputs.push(input);
  });
  if (count > expected)
    throw invalid(`expected ${expected} inputs but got ${count} inputs for model '${model.name}'`, [
      'inputs',
    ]);
  return inputs;
}

interface InputMembers {
  name?: string;
  datatype?: Datatype;
  shape?: number[];
  text?: TensorText;
  parameters: Parameters;
}

/** An input but for its data. */
interface Head {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly model: string;
  readonly at: (string | number)[];
}

function readInput(source: InferSource, index: number): NamedTensor {
  const { scanner } = source;
  const owner = `inputs[${index}]`;
  const at = ['inputs', index];
  if (!scanner.isObject()) throw invalid(`${owner} must be an object`, at, 'type_error');
  const members: InputMembers = { parameters: noParameters };
  scanner.object(member => {
    if (member === 'name') members.name = readName(scanner, owner);
    else if (member === 'datatype') members.datatype = readDatatype(scanner, index);
    else if (member === 'shape') members.shape = readShape(scanner, index);
    else if (member === 'data') members.text = measureTensor(scanner);
    else if (member === 'parameters') members.parameters = readParameters(scanner, owner);
    else scanner.skip();
  });
  return toTensor(source, members, at);
}

function toTensor(source: InferSource, members: InputMembers, at: (string | number)[]): NamedTensor {
  const { model } = source;
  const { name, datatype, shape } = members;
  const missing = (['name', 'datatype', 'shape'] as const).find(member => members[member] === undefined);
  if (name === undefined || datatype === undefined || shape === undefined)
    throw invalid(`inputs[${String(at[1])}] has no '${missing}'`, at, 'missing');
  const spec = model.signature.inputs.find(input => input.name === name);
  // `toRequest` would say the same, but only after reading the data as the wrong type.
  if (spec !== undefined && spec.datatype !== datatype)
    throw invalid(
      `inference input '${name}' data-type is '${datatype}', but model '${model.name}' expects '${spec.datatype}'`,
      at,
      'type_error',
    );
  const data = dataOf(source, members, { name, datatype, shape, at, model: model.name });
  return { name, tensor: { datatype, shape, data }, at };
}

/** Data stands in the JSON or behind it: in exactly one of both. */
function dataOf(source: InferSource, { text, parameters }: InputMembers, head: Head): TensorData {
  const size = countOf(parameters, 'binary_data_size');
  if ((text === undefined) === (size === undefined))
    throw invalid(
      `Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But ${text === undefined ? 'no field is' : 'both are'} set (input '${shown(head.name)}')`,
      head.at,
      'missing',
    );
  if (text !== undefined) return textData(source.scanner, text, head);
  return readRaw(source.binary.take(size ?? 0, head.name), head);
}

function textData(scanner: Scanner, text: TensorText, { name, datatype, shape, at }: Head): TensorData {
  if (!hasJsonForm(datatype))
    throw invalid(
      `input '${shown(name)}' has datatype ${datatype}, which JSON cannot carry; send it as binary data`,
      at,
    );
  if (isBare(scanner, text))
    throw invalid(`the data of input '${shown(name)}' must be a list`, [...at, 'data'], 'type_error');
  checkCount({ name, shape, count: text.count, at });
  return readTensor(scanner.bytes, text, { datatype, at: [...at, 'data'], name: shown(name) });
}

function isBare(scanner: Scanner, text: TensorText): boolean {
  return scanner.bytes[text.start] !== 0x5b;
}

function readDatatype(scanner: Scanner, index: number): Datatype {
  const text = scanner.shown();
  const value = scanner.isString() ? scanner.string() : undefined;
  if (isDatatype(value)) return value;
  throw invalid(`inputs[${index}] has the unknown datatype ${text}`, ['inputs', index, 'datatype']);
}

function readShape(scanner: Scanner, index: number): number[] {
  const at = ['inputs', index, 'shape'];
  const wanted = `the shape of inputs[${index}] must be a list of sizes, integers from 0 that do not exceed 2^53`;
  if (!scanner.isArray()) throw invalid(`${wanted}, not ${scanner.shown()}`, at);
  const shape: number[] = [];
  scanner.array(axis => {
    if (axis === MOST_RANK)
      throw invalid(`the shape of inputs[${index}] has more than ${MOST_RANK} dimensions`, at);
    const size = readSize(scanner);
    if (size === undefined) throw invalid(`${wanted}; [${axis}] is ${scanner.shown()}`, [...at, axis]);
    shape.push(size);
  });
  return shape;
}

/** Takes a dimension's size; leaves what is none where it stands. */
function readSize(scanner: Scanner): number | undefined {
  const first = scanner.peek();
  if (first < 0x30 || first > 0x39) return undefined;
  const start = scanner.at;
  const size = scanner.value();
  if (Number.isSafeInteger(size)) return size as number;
  scanner.at = start;
  return undefined;
}
