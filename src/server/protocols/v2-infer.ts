/** An infer request's body, and its answer. Error texts are Triton's where clients know them. */
import { failure } from '#base';
import { hasJsonForm, invalid, type NamedTensor, type ServedModel, toRequest } from '../models/signature.ts';
import { Scanner } from '../tensors/scanner.ts';
import { shown } from '../tensors/shown.ts';
import type { Tensor, TensorSpec } from '../tensors/tensor.ts';
import { flatText } from '../tensors/text-writer.ts';
import { json, type Prediction, type Reply } from './port.ts';
import { readInputs } from './v2-input.ts';
import { readName, readParameters } from './v2-members.ts';

interface InferBody {
  id?: string;
  inputs?: NamedTensor[];
  /** Positions in the signature of the outputs asked for; absent or empty is all. */
  outputs?: number[];
}

export function decodeInfer(bytes: Buffer, model: ServedModel): Prediction {
  const scanner = new Scanner(bytes);
  const body: InferBody = {};
  if (!scanner.isObject()) {
    scanner.skip();
    scanner.end();
    throw invalid('the request must be a JSON object', []);
  }
  scanner.object(member => readMember(scanner, model, { member, body }));
  scanner.end();
  if (body.inputs === undefined) throw invalid("the request has no 'inputs' list", ['inputs'], 'missing');
  const request = toRequest(model, body.inputs, ['inputs']);
  return { request, reply: outputs => answer(model, body, outputs) };
}

function readMember(
  scanner: Scanner,
  model: ServedModel,
  { member, body }: { member: string; body: InferBody },
): void {
  if (member === 'id') body.id = readId(scanner);
  else if (member === 'parameters') readParameters(scanner, 'the request');
  else if (member === 'inputs') body.inputs = readInputs(scanner, model);
  else if (member === 'outputs') body.outputs = readOutputs(scanner, model);
  else scanner.skip();
}

function readId(scanner: Scanner): string {
  if (scanner.isString()) return scanner.string();
  throw invalid("the member 'id' must be a string", ['id'], 'type_error');
}

function readOutputs(scanner: Scanner, model: ServedModel): number[] {
  if (!scanner.isArray()) throw invalid("the member 'outputs' must be a list", ['outputs'], 'type_error');
  const positions: number[] = [];
  scanner.array(index => {
    const name = readOutput(scanner, index);
    const position = model.signature.outputs.findIndex(output => output.name === name);
    if (position === -1)
      throw invalid(`unexpected inference output '${shown(name)}' for model '${model.name}'`, [
        'outputs',
        index,
      ]);
    if (positions.includes(position))
      throw invalid(`output '${name}' already exists in request`, ['outputs', index]);
    positions.push(position);
  });
  return positions;
}

function readOutput(scanner: Scanner, index: number): string {
  if (!scanner.isObject())
    throw invalid(`outputs[${index}] must be an object`, ['outputs', index], 'type_error');
  let name: string | undefined;
  scanner.object(member => {
    if (member === 'name') name = readName(scanner, `outputs[${index}]`);
    else if (member === 'parameters') readParameters(scanner, `outputs[${index}]`);
    else scanner.skip();
  });
  if (name === undefined) throw invalid(`outputs[${index}] has no 'name'`, ['outputs', index], 'missing');
  return name;
}

function answer(model: ServedModel, body: InferBody, outputs: readonly Tensor[]): Reply {
  const wanted = body.outputs?.length ? body.outputs : outputs.map((_, position) => position);
  const texts = wanted.map(position => outputText(model.signature.outputs[position], outputs[position]));
  const id = body.id === undefined || body.id === '' ? '' : `"id":${JSON.stringify(body.id)},`;
  const model_name = JSON.stringify(model.name);
  return json(
    200,
    `{${id}"model_name":${model_name},"model_version":${JSON.stringify(model.version)},"outputs":[${texts.join(',')}]}`,
  );
}

function outputText(spec: TensorSpec | undefined, tensor: Tensor | undefined): string {
  if (spec === undefined || tensor === undefined)
    throw failure('internal', { problem: 'an output is missing' });
  if (!hasJsonForm(tensor.datatype))
    throw invalid(`output '${spec.name}' has datatype ${tensor.datatype}, which JSON cannot carry`, [
      'outputs',
    ]);
  const { datatype, shape } = tensor;
  return `{"name":${JSON.stringify(spec.name)},"datatype":"${datatype}","shape":[${shape.join(',')}],"data":${flatText(tensor)}}`;
}
