/**
 * The body of TensorFlow Serving's `:predict`: `instances` are rows, `inputs` are columns. It is read more generously than
 * TensorFlow Serving reads it, which refuses `1.0` for an integer, and any number for UINT16 and half precision: no client
 * can depend on a refusal, and many languages write the one for the other.
 */
import type { Place } from '#base';
import { invalid, type NamedTensor, type ServedModel, toRequest } from '../../models/signature.ts';
import { base64At, beginsBase64 } from '../../tensors/base64.ts';
import { measureTensor, type TensorText } from '../../tensors/measure.ts';
import { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { readTensor } from '../../tensors/text-reader.ts';
import type { Content, Decoded, Translator } from '../port.ts';
import { type Form, predictReply } from './predict-reply.ts';
import { type Columns, checkRow, columnsOf, expectObject, gather, inWords } from './rows.ts';
import { readSignature } from './signature.ts';

export const predictTranslator: Translator<Form> = {
  name: 'tfserving.predict',
  decode,
  answer: predictReply,
};

function decode({ bytes }: Content, model: ServedModel): Decoded<Form> {
  const scanner = new Scanner(bytes);
  let form: Form | undefined;
  let given: NamedTensor[] = [];
  expectObject(scanner);
  scanner.object(member => {
    if (member === 'signature_name') return readSignature(scanner);
    if (member !== 'instances' && member !== 'inputs') return scanner.skip();
    if (form !== undefined)
      throw invalid("Not formatted correctly expects only one of 'inputs' or 'instances' keys to exist", []);
    form = member;
    given = member === 'instances' ? readRows(scanner, model) : readColumns(scanner, model);
  });
  scanner.end();
  if (form === undefined) throw invalid("Missing 'inputs' or 'instances' key", [], 'missing');
  return { request: toRequest(model, given, [form]), form };
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
  const given = objects ? readObjects(scanner, model) : [readBareRows(scanner, model)];
  scanner.at = end;
  return given;
}

/** Whether the value is an object of inputs by name, and not the one that stands for a string. */
function isNamed(scanner: Scanner): boolean {
  if (!scanner.isObject()) return false;
  const start = scanner.at;
  if (!beginsBase64(scanner.bytes, start)) return true;
  // Only what is JSON can be looked into.
  scanner.skip();
  scanner.at = start;
  return base64At(scanner.bytes, start) === undefined;
}

/** The elements are rows of the only input, so the list itself is its tensor. */
function readBareRows(scanner: Scanner, model: ServedModel): NamedTensor {
  const spec = onlyInput(model, 'instances');
  const start = scanner.at;
  try {
    return wholeTensor(scanner, spec, ['instances']);
  } catch (error: unknown) {
    // Only now is it worth the time to find out which row is at fault.
    scanner.at = start;
    checkBareRows(scanner);
    throw error;
  }
}

function checkBareRows(scanner: Scanner): void {
  let first: TensorText | undefined;
  scanner.array(row => {
    if (isNamed(scanner))
      throw invalid(`Expecting value/list but got object at item ${row} of input list`, ['instances', row]);
    const text = measureTensor(scanner);
    first ??= text;
    checkRow(text, first, ['instances', row]);
  });
}

function onlyInput(model: ServedModel, form: Form): TensorSpec {
  const [only, second] = model.signature.inputs;
  if (only !== undefined && second === undefined) return only;
  const names = model.signature.inputs.map(({ name }) => name).join(', ');
  const what = form === 'instances' ? 'a list of objects' : 'an object';
  throw invalid(`${form} is a plain list, but expecting ${what} with the model's inputs: ${names}`, [form]);
}

function wholeTensor(scanner: Scanner, spec: TensorSpec, at: Place): NamedTensor {
  const text = measureTensor(scanner);
  if (text.ragged !== undefined)
    throw invalid(
      `Encountered list at unexpected place. Expecting tensor size and shape to be the same in every row: ${text.ragged}`,
      at,
    );
  const { name, datatype } = spec;
  const reading = { datatype, at, name, base64: true };
  const data = inWords(datatype, () => readTensor(scanner.bytes, text, reading));
  return { name, tensor: { datatype, shape: text.shape, data }, at };
}

/** Elements are objects whose keys are exactly the inputs; each value is one row of that input. */
function readObjects(scanner: Scanner, model: ServedModel): NamedTensor[] {
  const columns = columnsOf(model);
  scanner.array(row => {
    if (!scanner.isObject())
      throw invalid(`Expecting object but got list at item ${row} of input list`, ['instances', row]);
    readRow(scanner, columns, row);
  });
  return model.signature.inputs.map(spec => column(spec, columns.get(spec.name) ?? [], scanner.bytes));
}

function readRow(scanner: Scanner, columns: Columns, row: number): void {
  let keys = 0;
  scanner.object(name => {
    const texts = columns.get(name);
    if (texts === undefined)
      throw invalid(`JSON object: does not have named input '${shown(name)}'`, ['instances', row, name]);
    texts.push(measureTensor(scanner));
    keys++;
  });
  if (keys === columns.size) return;
  throw invalid(
    `Failed to process element: ${row}. The keys must be equal to: ${[...columns.keys()].join(',')}`,
    ['instances', row],
  );
}

function column(spec: TensorSpec, texts: readonly TensorText[], bytes: Buffer): NamedTensor {
  const [first] = texts;
  if (first !== undefined) texts.forEach((text, row) => checkRow(text, first, ['instances', row, spec.name]));
  return gather(spec, { bytes, texts, shape: first?.shape ?? [], form: 'instances' });
}

/** A bare value is the only input's tensor; an object holds tensors by name, and names that are no input are ignored. */
function readColumns(scanner: Scanner, model: ServedModel): NamedTensor[] {
  if (!isNamed(scanner)) return [wholeTensor(scanner, onlyInput(model, 'inputs'), ['inputs'])];
  const given: NamedTensor[] = [];
  scanner.object(name => {
    const spec = model.signature.inputs.find(input => input.name === name);
    if (spec === undefined) return scanner.skip();
    given.push(wholeTensor(scanner, spec, ['inputs', name]));
  });
  const missing = model.signature.inputs.find(({ name }) => !given.some(input => input.name === name));
  if (missing === undefined) return given;
  const problem = `Missing named input: ${missing.name} in 'inputs' object`;
  throw invalid(problem, ['inputs', missing.name], 'missing');
}
