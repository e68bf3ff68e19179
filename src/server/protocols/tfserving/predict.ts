/** The body of TensorFlow Serving's `:predict`: `instances` are rows, `inputs` are columns. */
import type { Place } from '#base';
import { invalid, type NamedTensor, type ServedModel, toRequest } from '../../models/signature.ts';
import { base64At } from '../../tensors/base64.ts';
import { measureTensor, type TensorText } from '../../tensors/measure.ts';
import { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import { allocate, elementCount, sameShape, shapeText, type TensorSpec } from '../../tensors/tensor.ts';
import { fillTensor, readTensor } from '../../tensors/text-reader.ts';
import { nestedText, rowTexts, type StringForm } from '../../tensors/text-writer.ts';
import { type Answered, type Content, type Decoded, json, type Reply, type Translator } from '../port.ts';

/** Rows or columns: the answer has the form of the question. */
type Form = 'instances' | 'inputs';

export const predictTranslator: Translator<Form> = {
  name: 'tfserving.predict',
  decode,
  answer: (form, answered) => (form === 'instances' ? rowReply : columnReply)(answered),
};

function decode({ bytes }: Content, model: ServedModel): Decoded<Form> {
  const scanner = new Scanner(bytes);
  let form: Form | undefined;
  let given: NamedTensor[] = [];
  if (!scanner.isObject()) notAnObject(scanner);
  scanner.object(member => {
    if (member === 'signature_name') return checkSignature(scanner);
    if (member !== 'instances' && member !== 'inputs') return scanner.skip();
    if (form !== undefined)
      throw invalid("Not formatted correctly expects only one of 'inputs' or 'instances' keys to exist", []);
    form = member;
    given = member === 'instances' ? readRows(scanner, model) : readColumns(scanner, model);
  });
  scanner.end();
  if (form === undefined) throw invalid("Missing 'inputs' or 'instances' key", [], 'missing');
  const request = toRequest(model, given, [form]);
  return { request, form };
}

function notAnObject(scanner: Scanner): never {
  scanner.skip();
  scanner.end();
  throw invalid('Request must be a JSON object', []);
}

/** ONNX models have one signature, under TensorFlow's default name. */
function checkSignature(scanner: Scanner): void {
  if (!scanner.isString()) throw invalid("'signature_name' key must be a string value", ['signature_name']);
  const name = scanner.string();
  if (name === '' || name === 'serving_default') return;
  throw invalid(`Serving signature name: "${shown(name)}" not found in signature def`, ['signature_name']);
}

function readRows(scanner: Scanner, model: ServedModel): NamedTensor[] {
  if (!scanner.isArray()) throw invalid("Excepting 'instances' to be an list/array", ['instances']);
  const start = scanner.at;
  let objects = false;
  let rows = 0;
  scanner.array(() => {
    if (rows++ === 0) objects = isNamed(scanner);
    scanner.skip();
  });
  if (rows === 0) throw invalid("No values found in 'instances'", ['instances']);
  const end = scanner.at;
  scanner.at = start;
  const given = objects ? readObjects(scanner, model) : [readBare(scanner, model, 'instances')];
  scanner.at = end;
  return given;
}

/** Whether the value is an object of inputs by name, and not the one that stands for a string. */
function isNamed(scanner: Scanner): boolean {
  return scanner.isObject() && base64At(scanner.bytes, scanner.at) === undefined;
}

/** The value is the tensor of the only input; as `instances`, the list itself is the batch. */
function readBare(scanner: Scanner, model: ServedModel, form: Form): NamedTensor {
  const [only, second] = model.signature.inputs;
  if (only === undefined || second !== undefined) {
    throw invalid(
      `instances must be objects with the model's inputs as keys, but got a list/array; the inputs are ${inputNames(model)}`,
      [form],
    );
  }
  return wholeTensor(scanner, only, [form]);
}

function wholeTensor(scanner: Scanner, spec: TensorSpec, at: Place): NamedTensor {
  const text = measureTensor(scanner);
  if (text.ragged !== undefined)
    throw invalid(
      `Encountered list at unexpected place. Expecting tensor size and shape to be the same in every row: ${text.ragged}`,
      at,
    );
  const { name, datatype } = spec;
  return {
    name,
    tensor: {
      datatype,
      shape: text.shape,
      data: readTensor(scanner.bytes, text, { datatype, at, name, base64: true }),
    },
    at,
  };
}

/** Elements are objects whose keys are exactly the inputs; each value is one row of that input. */
function readObjects(scanner: Scanner, model: ServedModel): NamedTensor[] {
  const columns = new Map<string, TensorText[]>(model.signature.inputs.map(({ name }) => [name, []]));
  scanner.array(row => {
    if (!scanner.isObject())
      throw invalid(`instances[${row}] must be an object like the first, but got something else`, [
        'instances',
        row,
      ]);
    readRow(scanner, columns, row);
  });
  return model.signature.inputs.map(spec => column(spec, columns.get(spec.name) ?? [], scanner.bytes));
}

function readRow(scanner: Scanner, columns: ReadonlyMap<string, TensorText[]>, row: number): void {
  let keys = 0;
  scanner.object(name => {
    const texts = columns.get(name);
    if (texts === undefined)
      throw invalid(`the model does not have named input '${shown(name)}'`, ['instances', row, name]);
    texts.push(measureTensor(scanner));
    keys++;
  });
  if (keys === columns.size) return;
  throw invalid(`the keys of instances[${row}] must be equal to: ${[...columns.keys()].join(',')}`, [
    'instances',
    row,
  ]);
}

/** One input's tensor: a row for each text. All are checked before there is memory for as many as the first is long. */
function column({ name, datatype }: TensorSpec, texts: readonly TensorText[], bytes: Buffer): NamedTensor {
  const inner = texts[0]?.shape ?? [];
  texts.forEach((text, row) => checkRow(text, inner, ['instances', row, name]));
  const count = elementCount(inner);
  const data = allocate(datatype, texts.length * count);
  texts.forEach((text, row) => {
    const reading = { datatype, at: ['instances', row, name], name, base64: true };
    fillTensor({ bytes, text, reading, data, offset: row * count });
  });
  return { name, tensor: { datatype, shape: [texts.length, ...inner], data }, at: ['instances'] };
}

function checkRow(text: TensorText, inner: readonly number[], at: Place): void {
  if (text.ragged !== undefined)
    throw invalid(`Expecting tensor size to be the same in every list: ${text.ragged}`, at);
  if (sameShape(text.shape, inner)) return;
  throw invalid(`Expecting shape ${shapeText(inner)} but got ${shapeText(text.shape)}`, at);
}

/** A bare value is the only input's tensor; an object holds tensors by name, and names that are no input are ignored. */
function readColumns(scanner: Scanner, model: ServedModel): NamedTensor[] {
  if (!isNamed(scanner)) return [readBare(scanner, model, 'inputs')];
  const given: NamedTensor[] = [];
  scanner.object(name => {
    const spec = model.signature.inputs.find(input => input.name === name);
    if (spec === undefined) return scanner.skip();
    given.push(wholeTensor(scanner, spec, ['inputs', name]));
  });
  const missing = model.signature.inputs.find(({ name }) => !given.some(input => input.name === name));
  if (missing !== undefined)
    throw invalid(
      `Missing named input: ${missing.name} in 'inputs' object`,
      ['inputs', missing.name],
      'missing',
    );
  return given;
}

function inputNames(model: ServedModel): string {
  return model.signature.inputs.map(({ name }) => name).join(', ');
}

function rowReply({ model, outputs }: Answered): Reply {
  const rows = outputs[0]?.shape[0];
  if (rows === undefined || outputs.some(({ shape }) => shape[0] !== rows)) {
    throw invalid(
      "the outputs have no common batch dimension, so they have no row form; send 'inputs' instead of 'instances'",
      ['instances'],
    );
  }
  const [only, second] = outputs;
  if (only !== undefined && second === undefined)
    return json(200, `{"predictions":${nestedText(only, stringForm(model, 0))}}`);
  const columns = outputs.map((output, index) => rowTexts(output, stringForm(model, index)));
  const list = Array.from({ length: rows }, (_, row) =>
    namedText(
      model,
      columns.map(texts => texts[row] ?? 'null'),
    ),
  );
  return json(200, `{"predictions":[${list.join(',')}]}`);
}

function columnReply({ model, outputs }: Answered): Reply {
  const texts = outputs.map((output, index) => nestedText(output, stringForm(model, index)));
  return json(200, `{"outputs":${texts.length === 1 ? texts[0] : namedText(model, texts)}}`);
}

/** An output's name says whether its strings are bytes. */
function stringForm({ signature }: ServedModel, output: number): StringForm {
  return signature.outputs[output]?.name.endsWith('_bytes') ? 'base64' : 'plain';
}

function namedText(model: ServedModel, values: readonly string[]): string {
  const members = model.signature.outputs.map(
    ({ name }, index) => `${JSON.stringify(name)}:${values[index] ?? 'null'}`,
  );
  return `{${members.join(',')}}`;
}
