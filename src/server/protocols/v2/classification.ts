/** The classification extension: an output's largest elements, as text, in place of the output itself. */
import { invalid } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { fromHalf } from '../../tensors/half.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';

/** Elements of a row that are looked at at most, as in Triton. */
const MOST_ELEMENTS = 1_000_000;

/** Elements of all rows that are told at most: more would hold up other requests. */
const MOST_TOLD = 100_000;

/**
 * The `count` largest elements of each row, or of the whole when rows are not batched: `value:index`, and `:label` where
 * the output has labels, the largest first. A BYTES tensor of shape [rows, count], or [count].
 */
export function classify(
  spec: TensorSpec,
  tensor: Tensor,
  asked: { count: number; batched: boolean },
): Tensor {
  const { data, shape, datatype } = tensor;
  if (data instanceof ByteStrings) throw unavailable(spec, " due to unsupported type 'BYTES'");
  const rows = asked.batched ? (shape[0] ?? 1) : 1;
  const width = rows === 0 ? 0 : data.length / rows;
  if (width > MOST_ELEMENTS)
    throw unavailable(spec, `: a row has ${width} elements, more than ${MOST_ELEMENTS}`);
  const count = Math.min(asked.count, width);
  if (rows * count > MOST_TOLD)
    throw unavailable(spec, `: ${rows} rows of ${count} classes are more than ${MOST_TOLD}`);
  // Of rows without elements there may be any number.
  const texts = count === 0 ? [] : textsOf(spec, { datatype, data }, { rows, width, count });
  return { datatype: 'BYTES', shape: asked.batched ? [rows, count] : [count], data: ByteStrings.of(texts) };
}

function textsOf(
  spec: TensorSpec,
  { datatype, data }: { datatype: Tensor['datatype']; data: Exclude<Tensor['data'], ByteStrings> },
  { rows, width, count }: { rows: number; width: number; count: number },
): string[] {
  const values = datatype === 'FP16' ? Float32Array.from(data as Uint16Array, fromHalf) : data;
  const texts: string[] = [];
  for (let row = 0; row < rows; row++)
    for (const index of largest(values.subarray(row * width, (row + 1) * width), count))
      texts.push(wordOf(spec, values[row * width + index] ?? 0, index, datatype));
  return texts;
}

function unavailable({ name }: TensorSpec, why: string): Error {
  return invalid(`class result not available for output '${name}'${why}`, ['outputs']);
}

type Row = ArrayLike<number | bigint>;

/** Indices of the largest, descending; of equal ones the first, and what is no number last. */
function largest(row: Row, count: number): Uint32Array {
  // A heap of the largest so far, the last of them on top: a step for most elements, where sorting takes twenty.
  const kept = Uint32Array.from({ length: count }, (_, index) => index);
  for (let at = (count >> 1) - 1; at >= 0; at--) sink(row, kept, at);
  for (let index = count; index < row.length; index++)
    if (order(row, index, kept[0] ?? 0) < 0) {
      kept[0] = index;
      sink(row, kept, 0);
    }
  return kept.toSorted((a, b) => order(row, a, b));
}

/** Puts the index at a place below those that come after it. */
function sink(row: Row, heap: Uint32Array, place: number): void {
  const index = heap[place] ?? 0;
  let at = place;
  for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
    const other = below + 1;
    if (other < heap.length && order(row, heap[other] ?? 0, heap[below] ?? 0) > 0) below = other;
    if (order(row, heap[below] ?? 0, index) < 0) break;
    heap[at] = heap[below] ?? 0;
    at = below;
  }
  heap[at] = index;
}

/** Negative when the element at `a` comes before that at `b`. */
function order(row: Row, a: number, b: number): number {
  return compare(row[b] ?? 0, row[a] ?? 0) || a - b;
}

function compare(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : a > b ? 1 : 0;
}

function wordOf(
  spec: TensorSpec,
  value: number | bigint,
  index: number,
  datatype: Tensor['datatype'],
): string {
  const label = spec.labels?.[index];
  return `${numberText(value, datatype)}:${index}${label === undefined ? '' : `:${label}`}`;
}

/** Floats as C's `%f` writes them, which is what Triton sends. */
function numberText(value: number | bigint, datatype: Tensor['datatype']): string {
  if (typeof value === 'bigint' || !datatype.startsWith('FP')) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.000000';
  // Number's own toFixed turns to exponents from 1e21 on; every double that large is an integer.
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
