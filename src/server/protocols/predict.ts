/**
 * The plain protocol, a drop-in for a hand-written FastAPI server: `POST /predict {"inputs": …}` answers
 * `{"predictions": …, "model_version": …, "prediction_time": <seconds>}`. Faults are worded as FastAPI words them.
 */
import { type AppError, failure, type Place } from '#base';
import {
  type InferRequest,
  invalid,
  type NamedTensor,
  type ServedModel,
  specOf,
  toRequest,
} from '../models/signature.ts';
import { measureTensor } from '../tensors/measure.ts';
import { Scanner } from '../tensors/scanner.ts';
import { shown } from '../tensors/shown.ts';
import type { Tensor, TensorSpec } from '../tensors/tensor.ts';
import { readTensor } from '../tensors/text-reader.ts';
import { nestedText, rowTexts } from '../tensors/text-writer.ts';
import {
  type Answered,
  type Content,
  type Decoded,
  decodeName,
  json,
  type Methods,
  type Protocol,
  post,
  type Reply,
  type Translator,
} from './port.ts';

/** The answer's rows are those of the request. */
type Form = Pick<InferRequest, 'rows'>;

export const predictTranslator: Translator<Form> = { name: 'predict', decode, answer };
const latest: Methods = post({}, predictTranslator);
const NAMED = /^\/models\/([^/]+)\/predict$/;

export const predict: Protocol = {
  name: 'predict',
  owns: path => path === '/predict' || NAMED.test(path),
  route(path) {
    if (path === '/predict') return latest;
    const name = decodeName(NAMED.exec(path)?.[1]);
    if (name === undefined) throw failure('path_unknown', { path: shown(path) });
    return post({ name }, predictTranslator);
  },
  error: fastapiError,
};

function decode({ bytes }: Content, model: ServedModel): Decoded<Form> {
  const scanner = new Scanner(bytes);
  let given: readonly NamedTensor[] | undefined;
  if (!scanner.isObject()) wrongBody(scanner);
  scanner.object(member => {
    if (member === 'inputs') given = readInputs(scanner, model);
    else scanner.skip();
  });
  scanner.end();
  if (given === undefined) throw invalid("the member 'inputs' is missing", ['body', 'inputs'], 'missing');
  const request = toRequest(model, given, ['body', 'inputs']);
  return { request, form: { rows: request.rows } };
}

/** Valid JSON that is no object is another fault than text that is no JSON. */
function wrongBody(scanner: Scanner): never {
  scanner.skip();
  scanner.end();
  throw invalid('the body must be an object {"inputs": …}', ['body'], 'model_attributes_type');
}

function readInputs(scanner: Scanner, model: ServedModel): NamedTensor[] {
  if (scanner.isObject()) return readNamed(scanner, model);
  const [only, second] = model.signature.inputs;
  if (only !== undefined && second === undefined) return [readOne(scanner, only, ['body', 'inputs'])];
  scanner.skip();
  const names = model.signature.inputs.map(({ name }) => `"${name}": …`).join(', ');
  const many = only === undefined ? 'no inputs' : 'several inputs';
  throw invalid(`model '${model.name}' has ${many}: send {"inputs": {${names}}}`, ['body', 'inputs']);
}

function readNamed(scanner: Scanner, model: ServedModel): NamedTensor[] {
  const given: NamedTensor[] = [];
  scanner.object(name => {
    const at: Place = ['body', 'inputs', name];
    given.push(readOne(scanner, specOf(model, name, at), at));
  });
  return given;
}

function readOne(scanner: Scanner, { name, datatype, shape }: TensorSpec, at: Place): NamedTensor {
  const text = measureTensor(scanner);
  if (text.ragged !== undefined) throw invalid(`input '${name}' is not rectangular: ${text.ragged}`, at);
  if (text.shape.length === shape.length - 1) {
    const advice = text.count === 0 ? '' : '; wrap one row in a list: [ … ]';
    throw invalid(
      `input '${name}' wants ${shape.length} dimensions and has ${text.shape.length}${advice}`,
      at,
    );
  }
  const data = readTensor(scanner.bytes, text, { datatype, at, name });
  return { name, tensor: { datatype, shape: text.shape, data }, at };
}

function answer({ rows }: Form, { model, outputs, seconds }: Answered): Reply {
  const predictions = predictionsText(model, outputs, rows);
  const version = JSON.stringify(model.version);
  const time = seconds.toFixed(6);
  return json(200, `{"predictions":${predictions},"model_version":${version},"prediction_time":${time}}`);
}

/** One output is nested by shape. Several are an object for each row asked, if each has just those; else one object. */
function predictionsText({ signature }: ServedModel, outputs: readonly Tensor[], rows: number): string {
  const [only, second] = outputs;
  if (only !== undefined && second === undefined) return nestedText(only);
  const names = signature.outputs.map(({ name }) => JSON.stringify(name));
  const byRow = signature.batched && outputs.every(({ shape }) => shape[0] === rows);
  if (!byRow)
    return objectText(
      names,
      outputs.map(output => nestedText(output)),
    );
  const columns = outputs.map(output => rowTexts(output));
  const texts = Array.from({ length: rows }, (_, row) =>
    objectText(
      names,
      columns.map(column => column[row] ?? 'null'),
    ),
  );
  return `[${texts.join(',')}]`;
}

function objectText(names: readonly string[], values: readonly string[]): string {
  return `{${names.map((name, index) => `${name}:${values[index] ?? 'null'}`).join(',')}}`;
}

/** FastAPI's forms: 422 with a list of places for a body it cannot use, otherwise one sentence. */
function fastapiError(error: AppError): Reply {
  const { facts, message, code } = error;
  if (code === 'body_malformed') {
    return json(422, detail([{ loc: ['body', facts['offset']], msg: message, type: 'json_invalid' }]));
  }
  if (code === 'input_invalid') {
    return json(422, detail([{ loc: facts['at'], msg: message, type: facts['kind'] ?? 'value_error' }]));
  }
  if (code === 'inference_failed') return json(500, detail(`Prediction error: ${message}`));
  return json(error.status, detail(message));
}

function detail(value: unknown): string {
  return JSON.stringify({ detail: value });
}
