/** `examples` and `context` of `:classify` and `:regress`, as JSON has them. */
import { invalid, type NamedTensor, type ServedModel } from '../../models/signature.ts';
import { measureTensor } from '../../tensors/measure.ts';
import { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { missingFeature, rowShape } from './features.ts';
import { Filling, sizeOf } from './filling.ts';
import { type Columns, columnsOf, expectObject, gather } from './rows.ts';
import { readSignature } from './signature.ts';

export interface Examples {
  readonly count: number;
  /** A tensor for each input. */
  readonly given: readonly NamedTensor[];
}

/** Throws `body_malformed` or `input_invalid`. */
export function readExamples(bytes: Buffer, model: ServedModel): Examples {
  const scanner = new Scanner(bytes);
  const { context, examples } = membersOf(scanner);
  if (examples === undefined)
    throw invalid("key 'examples' is expected and was not found", ['examples'], 'missing');
  const columns = columnsOf(model);
  const shared = context === undefined ? columnsOf(model) : readContext(scanner, context, model);
  scanner.at = examples;
  if (!scanner.isArray()) throw invalid("Expecting 'examples' value to be an list/array", ['examples']);
  const filling = new Filling();
  let count = 0;
  scanner.array(row => {
    readExample(scanner, columns, row);
    for (const spec of model.signature.inputs) complete(spec, columns, { shared, row, filling });
    count++;
  });
  if (count === 0) throw invalid("'examples' value is an empty array", ['examples']);
  const given = model.signature.inputs.map(spec => {
    const texts = columns.get(spec.name) ?? [];
    const counts = texts.map(text => text.count);
    return gather(spec, { bytes, texts, shape: rowShape(spec, counts), form: 'examples' });
  });
  return { count, given };
}

/** Where the members begin: what is shared may stand behind what shares it. */
function membersOf(scanner: Scanner): { context: number | undefined; examples: number | undefined } {
  let context: number | undefined;
  let examples: number | undefined;
  expectObject(scanner);
  scanner.object(member => {
    if (member === 'signature_name') return readSignature(scanner);
    scanner.peek();
    if (member === 'context') context = scanner.at;
    if (member === 'examples') examples = scanner.at;
    scanner.skip();
  });
  scanner.end();
  return { context, examples };
}

/** The features that every example has, unless it has its own of that name. */
function readContext(scanner: Scanner, at: number, model: ServedModel): Columns {
  const shared = columnsOf(model);
  scanner.at = at;
  readExample(scanner, shared, 'context');
  return shared;
}

function readExample(scanner: Scanner, columns: Columns, row: number | 'context'): void {
  const at = row === 'context' ? ['context'] : ['examples', row];
  if (!scanner.isObject()) throw invalid(`Example must be JSON object but got ${scanner.shown()}`, at);
  scanner.object(name => {
    const texts = columns.get(name);
    if (texts === undefined) return scanner.skip();
    const text = measureTensor(scanner);
    if (text.ragged !== undefined || text.shape.length > 1)
      throw invalid(`Feature: ${shown(name)} has element with unexpected JSON type: Array`, [...at, name]);
    texts.push(text);
  });
}

interface Completing {
  readonly shared: Columns;
  readonly row: number;
  readonly filling: Filling;
}

/** Gives an example what it lacks and the context has. */
function complete(
  { name, datatype }: TensorSpec,
  columns: Columns,
  { shared, row, filling }: Completing,
): void {
  const texts = columns.get(name);
  if (texts === undefined || texts.length > row) return;
  const text = shared.get(name)?.[0];
  if (text === undefined) throw missingFeature({ name }, row);
  filling.take(sizeOf(datatype, text.count, text.end - text.start), { name, at: ['context', name] });
  texts.push(text);
}
