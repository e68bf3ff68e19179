/** The Open Inference Protocol (KServe V2) over REST with JSON tensors. Error texts are Triton's where clients know them. */
import { type AppError, failure } from '#base';
import {
  checkCount,
  hasJsonForm,
  type InferRequest,
  invalid,
  type NamedTensor,
  type ServedModel,
  toRequest,
} from '../models/signature.ts';
import { Scanner } from '../tensors/scanner.ts';
import { shown } from '../tensors/shown.ts';
import { type Datatype, isDatatype, MOST_RANK, type Tensor, type TensorSpec } from '../tensors/tensor.ts';
import { measureTensor, readTensor, type TensorText } from '../tensors/text-reader.ts';
import { flatText } from '../tensors/text-writer.ts';
import {
  type Action,
  decodeName,
  json,
  type Methods,
  type Protocol,
  type Reply,
  type Target,
} from './port.ts';

/** Says what `GET /v2` says of the server. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
}

export function v2(server: ServerIdentity): Protocol {
  const fixed: Readonly<Record<string, Methods>> = {
    '/v2': get(() => json(200, JSON.stringify({ ...server, extensions: [] }))),
    '/v2/health/live': get(() => json(200, '{"live":true}')),
    '/v2/health/ready': get(models => health(models.ready())),
  };
  return {
    name: 'v2',
    owns: path => path === '/v2' || path.startsWith('/v2/'),
    route(path) {
      const methods = fixed[path === '/v2/' ? '/v2' : path] ?? modelRoute(path);
      if (methods === undefined) throw failure('path_unknown', { path: shown(path) });
      return methods;
    },
    error: ({ status, message }: AppError) => json(status, JSON.stringify({ error: message })),
  };
}

function get(reply: Extract<Action, { kind: 'answer' }>['reply']): Methods {
  return { GET: { kind: 'answer', reply } };
}

function health(ready: boolean): Reply {
  return json(ready ? 200 : 503, `{"live":true,"ready":${ready}}`);
}

function modelRoute(path: string): Methods | undefined {
  const match = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(path);
  const name = decodeName(match?.[1]);
  const version = decodeName(match?.[2]);
  if (match === null || name === undefined || (match[2] !== undefined && version === undefined))
    return undefined;
  const target: Target = { name, ...(version !== undefined && { version }) };
  if (match[3] === 'infer') return { POST: { kind: 'predict', target, decode: decodeInfer } };
  if (match[3] === 'ready')
    return get(models => (models.find(target), json(200, `{"name":${JSON.stringify(name)},"ready":true}`)));
  return get(models => {
    const model = models.find(target);
    const versions =
      version === undefined
        ? models
            .versions(name)
            .filter(({ ready }) => ready)
            .map(one => one.version)
        : [version];
    return json(200, metadata(model, versions));
  });
}

function metadata({ name, platform, signature }: ServedModel, versions: readonly string[]): string {
  const inputs = signature.inputs.map(tensorMetadata);
  const outputs = signature.outputs.map(tensorMetadata);
  return JSON.stringify({ name, versions, platform, inputs, outputs });
}

function tensorMetadata({ name, datatype, shape }: TensorSpec): object {
  return { name, datatype, shape };
}

interface InferBody {
  id?: string;
  inputs?: NamedTensor[];
  /** Positions in the signature of the outputs asked for; absent or empty is all. */
  outputs?: number[];
}

function decodeInfer(
  bytes: Buffer,
  model: ServedModel,
): { request: InferRequest; reply: (outputs: readonly Tensor[]) => Reply } {
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

/** Parameters are scalars; none has an effect yet, and names that begin with triton_ are reserved. */
function readParameters(scanner: Scanner, owner: string): void {
  if (!scanner.isObject())
    throw invalid(`the parameters of ${owner} must be an object`, ['parameters'], 'type_error');
  scanner.object(name => {
    const scalar = !scanner.isObject() && !scanner.isArray() && scanner.value() !== null;
    if (!scalar)
      throw invalid(`the parameter '${shown(name)}' must be a string, number or boolean`, [
        'parameters',
        name,
      ]);
    if (name.startsWith('triton_'))
      throw invalid(`the parameter '${shown(name)}' uses a reserved prefix 'triton_'`, ['parameters', name]);
    if (name === 'binary_data_size')
      throw invalid('binary tensor data is not supported; send the tensor as JSON', ['parameters', name]);
  });
}

function readInputs(scanner: Scanner, model: ServedModel): NamedTensor[] {
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

function readName(scanner: Scanner, owner: string): string {
  if (scanner.isString()) return scanner.string();
  throw invalid(`the name of ${owner} must be a string`, [owner, 'name'], 'type_error');
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
