/** Tensors in memory, and the names of their element types on the wire (OIP/V2's). */
import { ByteStrings } from './byte-strings.ts';

export const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const;
export type Datatype = (typeof datatypes)[number];

/** Dimensions of a tensor: more are no model's. */
export const MOST_RANK = 100;

/** Elements in row-major order. BOOL is 0 or 1 in a Uint8Array, FP16 its bits in a Uint16Array. */
export type TensorData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | ByteStrings;

export interface Tensor {
  readonly datatype: Datatype;
  /** Each dimension's size; empty for a scalar. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a model says of one input or output. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 where the size is free. */
  readonly shape: readonly number[];
  /** That the model takes or gives any number of dimensions; `shape` is then `[-1]`, the likeliest. */
  readonly unknownRank?: true;
  /** The name of each free size, empty where it has none: sizes of one name are equal within a request. */
  readonly sizeNames?: readonly string[];
  /** What the indices of the last dimension stand for. */
  readonly labels?: readonly string[];
}

const constructors = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** Bytes of a slab, and of the largest tensor that lies in one. */
const SLAB = 32 * 1024;
const SMALL = 2 * 1024;

/** All elements are aligned to this. Bytes. */
const ALIGNMENT = 16;

/** What small tensors are cut from, each part once: memory of its own costs ten times what a view does. */
let slab = new ArrayBuffer(0);
let slabUsed = 0;

/** Zeroed (or empty-string) elements. Callers check the count against what they have received first. */
export function allocate(datatype: Datatype, count: number): TensorData {
  if (datatype === 'BYTES') return ByteStrings.empty(count);
  const elements = constructors[datatype];
  const bytes = count * elements.BYTES_PER_ELEMENT;
  if (bytes > SMALL) return new elements(count);
  if (slabUsed + bytes > slab.byteLength) {
    slab = new ArrayBuffer(SLAB);
    slabUsed = 0;
  }
  const data = new elements(slab, slabUsed, count);
  slabUsed += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  return data;
}

/** Elements in a shape. Sizes are exact integers up to 2^53; a product beyond that is no count anything can have. */
export function elementCount(shape: readonly number[]): number {
  // Sizes before it may multiply to infinity, which times 0 is no number.
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function isDatatype(name: unknown): name is Datatype {
  return (datatypes as readonly unknown[]).includes(name);
}

/** A shape as messages show it: `[-1,64]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** Bytes that tensors hold. */
export function bytesOf(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) bytes += data instanceof ByteStrings ? data.bytes.length : data.byteLength;
  return bytes;
}
