/** An infer request's body, and its answer. Error texts are Triton's where clients know them. */
import {
  type InferRequest,
  invalid,
  type NamedTensor,
  type ServedModel,
  toRequest,
} from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { readRaw } from '../../tensors/raw.ts';
import { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import type { Answered, Decoded, Reply, Translator } from '../port.ts';
import { type BinarySection, partsOf, tensorsAt } from './binary.ts';
import { type InferSource, readInputs } from './input.ts';
import { type AskedOutput, inferAnswer } from './output.ts';
import { booleanOf, countOf, noParameters, type Parameters, readName, readParameters } from './parameters.ts';
import { rawShape } from './raw-request.ts';

/** What an answer needs to know of the question. */
export interface InferForm {
  readonly id?: string;
  /** In the order of the answer. */
  readonly outputs: readonly AskedOutput[];
}

export const inferTranslator: Translator<InferForm> = {
  name: 'v2.infer',
  decode(content, model): Decoded<InferForm> {
    const { json, binary } = partsOf(content, model.name);
    return json === undefined ? decodeRaw(binary, model) : decodeBody({ json, binary }, model);
  },
  tensorsAt,
  textOf: content => partsOf(content, '').json?.length ?? 0,
  isText: ({ outputs }, position) => outputs.some(one => one.position === position && !one.binary),
  answer: ({ id, outputs }: InferForm, answered: Answered): Reply => inferAnswer(answered, outputs, id),
};

/** The parameters `timeout`, in microseconds, and `priority`, from 1, the most urgent; 0 leaves either to the server. */
export function wishesOf(timeout = 0, priority = 0): Pick<InferRequest, 'deadlineMs' | 'priority'> {
  return { ...(timeout > 0 && { deadlineMs: timeout / 1000 }), ...(priority > 0 && { priority }) };
}

interface Members {
  id?: string;
  inputs?: NamedTensor[];
  outputs?: Asked[];
  parameters: Parameters;
}

/** An output as the request lists it. */
interface Asked {
  readonly position: number;
  readonly parameters: Parameters;
}

function decodeBody(parts: { json: Buffer; binary: BinarySection }, model: ServedModel): Decoded<InferForm> {
  const scanner = new Scanner(parts.json);
  const members: Members = { parameters: noParameters };
  if (!scanner.isObject()) {
    scanner.skip();
    scanner.end();
    throw invalid('the request must be a JSON object', []);
  }
  const source = { model, scanner, binary: parts.binary };
  scanner.object(member => readMember(source, member, members));
  scanner.end();
  if (members.inputs === undefined) throw invalid("the request has no 'inputs' list", ['inputs'], 'missing');
  parts.binary.end();
  const { parameters } = members;
  const request = toRequest(model, members.inputs, ['inputs']);
  const outputs = askedOutputs(model, members);
  return {
    request: { ...request, ...wishesOf(countOf(parameters, 'timeout'), countOf(parameters, 'priority')) },
    form: { outputs, ...(members.id !== undefined && { id: members.id }) },
  };
}

/** A body that is one tensor's bytes and nothing else: its shape follows from their number. */
function decodeRaw(binary: BinarySection, model: ServedModel): Decoded<InferForm> {
  const { bytes } = binary;
  const { name, datatype, shape } = rawShape(model, bytes.length);
  const at = ['inputs', 0];
  // A lone string needs no length before it: it is the whole body.
  const data =
    datatype === 'BYTES'
      ? ByteStrings.of([bytes])
      : readRaw(bytes, { name, datatype, shape, at, model: model.name });
  const request = toRequest(model, [{ name, tensor: { datatype, shape, data }, at }], ['inputs']);
  return {
    request,
    form: { outputs: model.signature.outputs.map((_, position) => ({ position, binary: true })) },
  };
}

function readMember(source: InferSource, member: string, members: Members): void {
  const { scanner, model } = source;
  if (member === 'id') members.id = readId(scanner);
  else if (member === 'parameters') members.parameters = readParameters(scanner, 'the request');
  else if (member === 'inputs') members.inputs = readInputs(source);
  else if (member === 'outputs') members.outputs = readOutputs(scanner, model);
  else scanner.skip();
}

function readId(scanner: Scanner): string {
  if (scanner.isString()) return scanner.string();
  throw invalid("the member 'id' must be a string", ['id'], 'type_error');
}

function readOutputs(scanner: Scanner, model: ServedModel): Asked[] {
  if (!scanner.isArray()) throw invalid("the member 'outputs' must be a list", ['outputs'], 'type_error');
  const asked: Asked[] = [];
  scanner.array(index => {
    const { name, parameters } = readOutput(scanner, index);
    const position = outputPosition(model, name, ['outputs', index]);
    if (asked.some(one => one.position === position))
      throw invalid(`output '${name}' already exists in request`, ['outputs', index]);
    asked.push({ position, parameters });
  });
  return asked;
}

/** The place of a named output in the signature. */
export function outputPosition(model: ServedModel, name: string, at: readonly (string | number)[]): number {
  const position = model.signature.outputs.findIndex(output => output.name === name);
  if (position !== -1) return position;
  throw invalid(`unexpected inference output '${shown(name)}' for model '${model.name}'`, at);
}

function readOutput(scanner: Scanner, index: number): { name: string; parameters: Parameters } {
  const owner = `outputs[${index}]`;
  if (!scanner.isObject()) throw invalid(`${owner} must be an object`, ['outputs', index], 'type_error');
  let name: string | undefined;
  let parameters = noParameters;
  scanner.object(member => {
    if (member === 'name') name = readName(scanner, owner);
    else if (member === 'parameters') parameters = readParameters(scanner, owner);
    else scanner.skip();
  });
  if (name === undefined) throw invalid(`${owner} has no 'name'`, ['outputs', index], 'missing');
  return { name, parameters };
}

/** What is asked for, in the order of the request; all of it in the model's order when the request lists nothing. */
function askedOutputs(model: ServedModel, { outputs, parameters }: Members): AskedOutput[] {
  const binary = booleanOf(parameters, 'binary_data_output') ?? false;
  if (outputs === undefined || outputs.length === 0)
    return model.signature.outputs.map((_, position) => ({ position, binary }));
  return outputs.map(one => {
    const classes = countOf(one.parameters, 'classification') ?? 0;
    return {
      position: one.position,
      binary: booleanOf(one.parameters, 'binary_data') ?? binary,
      ...(classes > 0 && { classes }),
    };
  });
}
