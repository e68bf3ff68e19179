/** `ModelInfer` of `inference.GRPCInferenceService`. Rules and texts are Triton's where clients know them. */
import { invalid, type NamedTensor, type ServedModel, toRequest } from '../../models/signature.ts';
import { decode, encodePieces } from '../../protobuf/codec.ts';
import { ModelInferRequest, ModelInferResponse } from '../../protobuf/oip-infer.ts';
import type { Decoded as Message } from '../../protobuf/schema.ts';
import { rawBytes, readRaw } from '../../tensors/raw.ts';
import { shown } from '../../tensors/shown.ts';
import { isDatatype, type TensorData } from '../../tensors/tensor.ts';
import type { Answered, Decoded } from '../port.ts';
import type { Pieces, RpcPredict } from '../rpc.ts';
import { outputPosition, wishesOf } from './infer.ts';
import { type AskedOutput, namedOutput } from './output.ts';
import { hasContents, readContents, readShape } from './rpc-tensors.ts';
import { wordsOf } from './words.ts';

export type InferMessage = Message<typeof ModelInferRequest>;
type InputMessage = InferMessage['inputs'][number];

export interface RpcInferForm {
  readonly id: string;
  readonly outputs: readonly AskedOutput[];
}

export const modelInfer: RpcPredict<InferMessage, RpcInferForm> = {
  kind: 'predict',
  words: wordsOf,
  parse: message => decode(ModelInferRequest, message),
  target: ({ model_name: name, model_version: version }) => (version === '' ? { name } : { name, version }),
  translator: { name: 'v2.rpc-infer', decode: decodeInfer, answer },
};

function decodeInfer(message: InferMessage, model: ServedModel): Decoded<RpcInferForm> {
  checkParameters(message.parameters, 'the request');
  checkInputs(message, model);
  const given = message.inputs.map((input, index) => readInput(message, input, { model, index }));
  const request = toRequest(model, given, ['inputs']);
  const [timeout, priority] = ['timeout', 'priority'].map(name =>
    countOf(message.parameters.get(name), name),
  );
  return {
    request: { ...request, ...wishesOf(timeout, priority) },
    form: { id: message.id, outputs: readOutputs(message, model) },
  };
}

function checkInputs({ inputs, raw_input_contents: raw }: InferMessage, model: ServedModel): void {
  const expected = model.signature.inputs.length;
  if (inputs.length !== expected)
    throw invalid(`expected ${expected} inputs but got ${inputs.length} inputs for model '${model.name}'`, [
      'inputs',
    ]);
  const twice = inputs.find(({ name }, index) => inputs.findIndex(one => one.name === name) !== index);
  if (twice !== undefined)
    throw invalid(`input '${shown(twice.name)}' already exists in request`, ['inputs']);
  if (raw.length === 0) return;
  const both = inputs.find(({ contents }) => hasContents(contents));
  if (both !== undefined)
    throw invalid(
      `contents field must not be specified when using raw_input_contents for '${shown(both.name)}' for model '${model.name}'`,
      ['inputs', both.name],
    );
  if (raw.length !== inputs.length)
    throw invalid(
      `unable to find data for input tensors of model '${model.name}': raw_input_contents has ${raw.length} entries for ${inputs.length} inputs`,
      ['raw_input_contents'],
    );
}

interface Within {
  readonly model: ServedModel;
  readonly index: number;
}

function readInput(message: InferMessage, input: InputMessage, { model, index }: Within): NamedTensor {
  const { name, datatype } = input;
  const at = ['inputs', name];
  checkParameters(input.parameters, `input '${shown(name)}'`);
  if (!isDatatype(datatype))
    throw invalid(`input '${shown(name)}' has the unknown datatype '${shown(datatype)}'`, at);
  const spec = model.signature.inputs.find(one => one.name === name);
  if (spec !== undefined && spec.datatype !== datatype)
    throw invalid(
      `inference input '${name}' data-type is '${datatype}', but model '${model.name}' expects '${spec.datatype}'`,
      at,
    );
  const shape = readShape(input.shape, name, at);
  const data = dataOf(message, input, { index, reading: { name, datatype, shape, at, model: model.name } });
  return { name, tensor: { datatype, shape, data }, at };
}

function dataOf(
  { raw_input_contents: raw }: InferMessage,
  { name, contents }: InputMessage,
  { index, reading }: { index: number; reading: Parameters<typeof readRaw>[1] },
): TensorData {
  const bytes = raw[index];
  if (bytes !== undefined) return readRaw(bytes, reading);
  if (contents !== undefined) return readContents(contents, reading);
  // Nothing is what a tensor without elements has.
  if (reading.shape.includes(0)) return readRaw(Buffer.alloc(0), reading);
  throw invalid(`unable to find data for input tensor '${shown(name)}'`, reading.at);
}

function readOutputs({ outputs }: InferMessage, model: ServedModel): AskedOutput[] {
  if (outputs.length === 0) return model.signature.outputs.map((_, position) => ({ position, binary: true }));
  return outputs.map(({ name, parameters }, index) => {
    checkParameters(parameters, `output '${shown(name)}'`);
    const position = outputPosition(model, name, ['outputs', name]);
    if (outputs.findIndex(one => one.name === name) !== index)
      throw invalid(`output '${name}' already exists in request`, ['outputs', name]);
    const classes = countOf(parameters.get('classification'), 'classification');
    return { position, binary: true, ...(classes > 0 && { classes }) };
  });
}

type Parameter = InputMessage['parameters'] extends ReadonlyMap<string, infer P> ? P : never;

/** A parameter that counts something; 0 when it is not there. */
function countOf(parameter: Parameter | undefined, name: string): number {
  if (parameter === undefined) return 0;
  const choice = parameter.parameter_choice;
  const isCount = choice?.case === 'int64_param' || choice?.case === 'uint64_param';
  if (isCount && choice.value >= 0n && choice.value <= Number.MAX_SAFE_INTEGER) return Number(choice.value);
  throw invalid(`the parameter '${name}' must be an integer from 0`, ['parameters', name]);
}

/** Parameters that name no feature here are for the model, which has no use for them. */
function checkParameters(parameters: ReadonlyMap<string, unknown>, owner: string): void {
  for (const name of parameters.keys()) {
    if (name.startsWith('triton_') && name !== 'triton_enable_empty_final_response')
      throw invalid(`the parameter '${shown(name)}' of ${owner} uses a reserved prefix 'triton_'`, [name]);
    if (name.startsWith('shared_memory_'))
      throw invalid('shared memory is not supported; send the tensor in the request', [name]);
  }
}

/** Always raw, whatever form the request had, as Triton answers: its clients read nothing else. */
function answer({ id, outputs }: RpcInferForm, answered: Answered): Pieces {
  const { name, version } = answered.model;
  const named = outputs.map(one => namedOutput(answered, one));
  return encodePieces(ModelInferResponse, {
    model_name: name,
    model_version: version,
    id,
    outputs: named.map(output => ({
      name: output.name,
      datatype: output.tensor.datatype,
      shape: output.tensor.shape.map(BigInt),
    })),
    raw_output_contents: named.map(({ tensor }) => rawBytes(tensor)),
  });
}
