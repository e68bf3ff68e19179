/** The inputs of an infer request: each a tensor with its name, datatype, shape and data. */
import { checkCount, hasJsonForm, invalid, type NamedTensor, type ServedModel } from '../models/signature.ts';
import { measureTensor, type TensorText } from '../tensors/measure.ts';
import type { Scanner } from '../tensors/scanner.ts';
import { shown } from '../tensors/shown.ts';
import { type Datatype, isDatatype, MOST_RANK, type TensorSpec } from '../tensors/tensor.ts';
import { readTensor } from '../tensors/text-reader.ts';
import { readName, readParameters } from './v2-members.ts';

export function readInputs(scanner: Scanner, model: ServedModel): NamedTensor[] {
  if (!scanner.isArray()) throw invalid("the member 'inputs' must be a list", ['inputs'], 'type_error');
  const inputs: NamedTensor[] = [];
  const expected = model.signature.inputs.length;
  let count = 0;
  scanner.array(index => {
    count++;
    if (index >= expected) return scanner.skip();
    const input = readInput(scanner, model, index);
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
}

function readInput(scanner: Scanner, model: ServedModel, index: number): NamedTensor {
  const at = ['inputs', index];
  if (!scanner.isObject()) throw invalid(`inputs[${index}] must be an object`, at, 'type_error');
  const members: InputMembers = {};
  scanner.object(member => {
    if (member === 'name') members.name = readName(scanner, `inputs[${index}]`);
    else if (member === 'datatype') members.datatype = readDatatype(scanner, index);
    else if (member === 'shape') members.shape = readShape(scanner, index);
    else if (member === 'data') members.text = measureTensor(scanner);
    else if (member === 'parameters') readParameters(scanner, `inputs[${index}]`);
    else scanner.skip();
  });
  return toTensor(scanner, members, { model, index });
}

function toTensor(
  scanner: Scanner,
  members: InputMembers,
  { model, index }: { model: ServedModel; index: number },
): NamedTensor {
  const { name, datatype, shape, text } = members;
  const at = ['inputs', index];
  const missing = (['name', 'datatype', 'shape'] as const).find(member => members[member] === undefined);
  if (name === undefined || datatype === undefined || shape === undefined)
    throw invalid(`inputs[${index}] has no '${missing}'`, at, 'missing');
  if (text === undefined)
    throw invalid(
      `Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But no field was set (input '${shown(name)}')`,
      at,
      'missing',
    );
  const spec = model.signature.inputs.find(input => input.name === name);
  if (spec !== undefined && spec.datatype !== datatype) throw wrongDatatype(model, spec, { datatype, at });
  if (!hasJsonForm(datatype))
    throw invalid(`input '${name}' has datatype ${datatype}, which JSON cannot carry`, at);
  if (isBare(scanner, text))
    throw invalid(`the data of input '${shown(name)}' must be a list`, [...at, 'data'], 'type_error');
  checkCount({ name, shape, count: text.count, at });
  const data = readTensor(scanner.bytes, text, { datatype, at: [...at, 'data'], name: shown(name) });
  return { name, tensor: { datatype, shape, data }, at };
}

/** `toRequest` would say the same, but only after reading the data as the wrong type. */
function wrongDatatype(
  model: ServedModel,
  spec: TensorSpec,
  { datatype, at }: { datatype: Datatype; at: (string | number)[] },
): Error {
  return invalid(
    `inference input '${spec.name}' data-type is '${datatype}', but model '${model.name}' expects '${spec.datatype}'`,
    at,
    'type_error',
  );
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
