/**
 * The reader of JSON and of tensors in it, beside the engine's own: both take the same texts, count the same elements and
 * find the same values, and what is written from them reads back as the same bits.
 */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { ByteStrings } from '../../../src/server/tensors/byte-strings.ts';
import { fromHalf } from '../../../src/server/tensors/half.ts';
import { measureTensor, type TensorText } from '../../../src/server/tensors/measure.ts';
import { Scanner } from '../../../src/server/tensors/scanner.ts';
import { type Datatype, datatypes, isDatatype, type TensorData } from '../../../src/server/tensors/tensor.ts';
import { readTensor } from '../../../src/server/tensors/text-reader.ts';
import { nestedText } from '../../../src/server/tensors/text-writer.ts';
import { type Border, refusal } from '../border.ts';
import { JSON_TOKENS, value } from '../make/json.ts';
import { tensorText } from '../make/tensor-text.ts';
import { mutate } from '../mutate.ts';
import { elementFits, leavesOf, mustFit, type Parsed, parsed } from './json-reference.ts';

export const json: Border = {
  name: 'json',
  make(random) {
    const datatype = random.pick(datatypes);
    const shape = random.list(random.size(4), () => random.below(5));
    const text = random.chance(0.5) ? value(random) : tensorText(random, datatype, shape);
    return { head: datatype, body: Buffer.from(text) };
  },
  change: (known, other, random) => ({
    head: random.chance(0.3) ? random.pick(datatypes) : known.head,
    body: mutate(known.body, random, { tokens: JSON_TOKENS, other: other.body }),
  }),
  take({ head, body }) {
    assert(isDatatype(head), `'${head}' is no datatype`);
    const reference = parsed(body);
    const accepted = whole(body, scanner => scanner.skip());
    compareGrammar(body, accepted, reference);
    if (accepted.fault !== undefined) return refusal(accepted.fault);
    return takeTensor(body, head, reference);
  },
};

interface Taken<T> {
  readonly result?: T;
  readonly fault?: unknown;
}

/** Reads one value and the end behind it. */
function whole<T>(body: Buffer, take: (scanner: Scanner) => T): Taken<T> {
  try {
    const scanner = new Scanner(body);
    const result = take(scanner);
    scanner.end();
    return { result };
  } catch (fault: unknown) {
    return { fault };
  }
}

/** Words that JSON does not have are allowed; nesting has a bound that the engine does not know. */
function compareGrammar(body: Buffer, { fault }: Taken<unknown>, reference: Parsed | undefined): void {
  if (fault !== undefined) refusal(fault);
  const isDeep = fault instanceof Error && fault.message.includes('deeper than');
  if (isDeep || /NaN|Infinity/.test(body.toString('latin1'))) return;
  assert.equal(fault === undefined, reference !== undefined && isUtf8(body), 'JSON.parse says otherwise');
}

function takeTensor(body: Buffer, datatype: Datatype, reference: Parsed | undefined): string {
  const { result: text, fault } = whole(body, measureTensor);
  if (text === undefined) return refusal(fault);
  if (reference !== undefined) compareShape(text, reference);
  const { data, refused } = read(body, text, datatype);
  if (reference !== undefined) compareValues({ datatype, data, refused }, reference);
  if (data === undefined) return refusal(refused);
  if (text.ragged !== undefined) return `${datatype} ragged`;
  writesBack(datatype, text.shape, data);
  return `${datatype} of ${Math.min(text.shape.length, 4)} dimensions${text.count === 0 ? ', empty' : ''}`;
}

function compareShape({ count, shape, ragged }: TensorText, { value: root }: Parsed): void {
  assert.equal(count, leavesOf(root).length, 'it has another number of elements');
  if (ragged === undefined) assert(fits(root, shape, 0), `it has not the shape ${String(shape)}`);
}

function fits(nest: unknown, shape: readonly number[], level: number): boolean {
  if (level === shape.length) return !Array.isArray(nest);
  return (
    Array.isArray(nest) && nest.length === shape[level] && nest.every(one => fits(one, shape, level + 1))
  );
}

function read(body: Buffer, text: TensorText, datatype: Datatype): { data?: TensorData; refused?: unknown } {
  try {
    return { data: readTensor(body, text, { datatype, at: [], name: 'x', base64: true }) };
  } catch (refused: unknown) {
    refusal(refused);
    return { refused };
  }
}

function compareValues(
  { datatype, data, refused }: { datatype: Datatype; data: TensorData | undefined; refused: unknown },
  { value: root, sources }: Parsed,
): void {
  const leaves = leavesOf(root);
  if (data === undefined) {
    const wrongly =
      leaves.length > 0 && leaves.every((leaf, index) => mustFit(datatype, leaf, sources[index]));
    assert(!wrongly, `every element fits ${datatype}, and it was refused: ${String(refused)}`);
    return;
  }
  for (const [index, leaf] of leaves.entries()) {
    const element = data instanceof ByteStrings ? data.at(index) : data[index];
    assert(
      elementFits(datatype, element, { leaf, source: sources[index] }),
      `element ${index} is ${String(element)}, from ${sources[index] ?? JSON.stringify(leaf)}`,
    );
  }
}

/** Not for strings that are no text, nor for halves beyond what their own JSON form can carry. */
function writesBack(datatype: Datatype, shape: readonly number[], data: TensorData): void {
  const strings = 'base64';
  const text = Buffer.from(nestedText({ datatype, shape, data }, strings));
  const { result: measured, fault } = whole(text, measureTensor);
  assert(measured !== undefined, `what was written is refused: ${String(fault)}`);
  assert.equal(measured.count, data.length);
  const again = readTensor(text, measured, { datatype, at: [], name: 'x', base64: true });
  for (let index = 0; index < data.length; index++)
    assert(sameElement(datatype, data, again, index), `element ${index} reads back as another`);
}

function sameElement(datatype: Datatype, one: TensorData, other: TensorData, index: number): boolean {
  if (one instanceof ByteStrings)
    return other instanceof ByteStrings && one.at(index).equals(other.at(index));
  const [a, b] = [one[index], (other as typeof one)[index]];
  const areHalves = datatype === 'FP16' && Number.isNaN(fromHalf(Number(a)));
  return areHalves ? Number.isNaN(fromHalf(Number(b))) : Object.is(a, b);
}
