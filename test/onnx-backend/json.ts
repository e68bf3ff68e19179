/** Tensors as OIP/V2's JSON has them, written and read exactly. */
import { arrayOf, countOf, type Datatype, type RawTensor, rawOf, rawOfStrings, stringsOf } from './tensor.ts';

/** Whether a datatype has a form in JSON: half precision goes by its bytes only. */
export function inJson({ datatype }: { readonly datatype: Datatype }): boolean {
  return datatype !== 'FP16';
}

/** The elements in one list. */
export function flatText(tensor: RawTensor): string {
  return listOf(textsOf(tensor));
}

/** The elements in lists nested by shape; a scalar's in one list. */
export function nestedText(tensor: RawTensor): string {
  let parts = textsOf(tensor);
  for (const [axis, size] of [...tensor.shape.entries()].toReversed()) {
    const count = countOf(tensor.shape.slice(0, axis));
    parts = Array.from({ length: count }, (_, index) =>
      listOf(parts.slice(index * size, (index + 1) * size)),
    );
  }
  return tensor.shape.length === 0 ? listOf(parts) : (parts[0] ?? '[]');
}

function listOf(texts: readonly string[]): string {
  return `[${texts.join(',')}]`;
}

function textsOf({ datatype, raw }: RawTensor): string[] {
  if (datatype === 'BYTES') return stringsOf(raw).map(bytes => JSON.stringify(bytes.toString('utf8')));
  const text = datatype === 'BOOL' ? (value: number | bigint) => String(value === 1) : numberText;
  return Array.from<number | bigint, string>(arrayOf(datatype, raw), text);
}

/** `String` would drop the sign of a zero; it names infinities and NaN as the protocol does. */
function numberText(value: number | bigint): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** Reads an output's data. Throws when a value is not of the datatype. */
export function rawOfJson(datatype: Datatype, data: readonly unknown[]): Buffer {
  const kinds = kindsOf(datatype);
  const odd = data.findIndex(value => !kinds.includes(typeof value));
  if (odd !== -1) throw new TypeError(`element ${odd}, a ${typeof data[odd]}, is no ${datatype}`);
  if (datatype === 'BYTES') return rawOfStrings(data.map(text => Buffer.from(text as string)));
  return rawOf(datatype, data as readonly (number | bigint | boolean)[]);
}

function kindsOf(datatype: Datatype): readonly string[] {
  if (datatype === 'BYTES') return ['string'];
  return datatype === 'BOOL' ? ['boolean'] : ['number', 'bigint'];
}
