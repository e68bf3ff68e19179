/** Rows of JSON gathered into tensors: one for each input, its first dimension the rows. */
import { AppError, type Place } from '#base';
import { invalid, type NamedTensor, type ServedModel } from '../../models/signature.ts';
import type { TensorText } from '../../tensors/measure.ts';
import type { Scanner } from '../../tensors/scanner.ts';
import {
  allocate,
  type Datatype,
  elementCount,
  sameShape,
  shapeText,
  type TensorSpec,
} from '../../tensors/tensor.ts';
import { fillTensor } from '../../tensors/text-reader.ts';
import { dtypeWord } from './dtypes.ts';

/** The texts of each input's rows, by its name. */
export type Columns = ReadonlyMap<string, TensorText[]>;

export function columnsOf({ signature }: ServedModel): Columns {
  return new Map(signature.inputs.map(({ name }) => [name, []]));
}

interface Rows {
  readonly bytes: Buffer;
  /** A text for each row, all of as many elements. */
  readonly texts: readonly TensorText[];
  /** The shape of each. */
  readonly shape: readonly number[];
  /** The member of the body that holds the rows. */
  readonly form: string;
}

/** One input's tensor. Its rows have been checked, so there is memory only for as many elements as there are texts of. */
export function gather({ name, datatype }: TensorSpec, { bytes, texts, shape, form }: Rows): NamedTensor {
  const count = elementCount(shape);
  const data = allocate(datatype, texts.length * count);
  inWords(datatype, () =>
    texts.forEach((text, row) => {
      const reading = { datatype, at: [form, row, name], name, base64: true };
      fillTensor({ bytes, text, reading, data, offset: row * count });
    }),
  );
  return { name, tensor: { datatype, shape: [texts.length, ...shape], data }, at: [form] };
}

/** Says of an element of another type what TensorFlow Serving says of it, too. */
export function inWords<T>(datatype: Datatype, read: () => T): T {
  try {
    return read();
  } catch (error: unknown) {
    if (!(error instanceof AppError) || error.facts['kind'] !== 'type_error') throw error;
    const problem = `${error.message}: it is not of expected type: ${dtypeWord(datatype)}`;
    throw invalid(problem, error.facts['at'] as Place, 'type_error');
  }
}

/** Throws `input_invalid` unless a row has the shape of the first. */
export function checkRow(text: TensorText, first: TensorText, at: Place): void {
  if (text.ragged !== undefined)
    throw invalid(`Expecting tensor size to be the same in every list: ${text.ragged}`, at);
  if (text.count !== first.count)
    throw invalid(`Expecting tensor size: ${first.count} but got: ${text.count}`, at);
  if (!sameShape(text.shape, first.shape))
    throw invalid(`Expecting shape ${shapeText(first.shape)} but got: ${shapeText(text.shape)}`, at);
}

/** Throws unless the next value is an object; a text that is no JSON at all is another fault. */
export function expectObject(scanner: Scanner): void {
  if (scanner.isObject()) return;
  scanner.skip();
  scanner.end();
  throw invalid('Request must be a JSON object', []);
}
