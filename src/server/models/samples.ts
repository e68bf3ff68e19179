/** Tensors made up for a model that nobody has asked anything yet. */
import { joinInputs } from '../batching/join.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import {
  allocate,
  type Datatype,
  elementCount,
  type Tensor,
  type TensorData,
  type TensorSpec,
} from '../tensors/tensor.ts';

/** The bits of 1 in half precision; those of numbers from 0 to 1 are below. */
const ONE_HALF_PRECISION = 0x3c00;

/** What a model leaves open, decided. */
export interface Trial {
  /** Of free dimensions other than the rows. */
  readonly size: number;
  /** Dimensions of an input that does not say its own. */
  readonly rank: number;
}

/** What is tried where a model leaves its sizes open, until it accepts one. */
export const trials = {
  /** Of free dimensions: lengths, then image sides. */
  sizes: [1, 16, 64, 224],
  /** Numbers of dimensions of an input that does not say its own. */
  ranks: [1, 2, 3, 4, 0],
  /** Elements of an input, at most. */
  elements: 2 ** 25,
} as const;

/** One row of an input: zeros and empty strings, or for variant 1 floats that differ by element, and ones. */
export function sample(spec: TensorSpec, trial: Trial, variant: 0 | 1): Tensor {
  const { datatype } = spec;
  const shape = sizesOf(spec, trial);
  const data = allocate(datatype, elementCount(shape));
  if (variant === 1) fill(data, datatype === 'FP16');
  return { datatype, shape, data };
}

/** Zeros and empty strings, or numbers that differ by element: floats from 0 to 1, and integers of 0 and 1. Always the same. */
export function madeUp(datatype: Datatype, count: number, random: boolean): TensorData {
  const data = allocate(datatype, count);
  if (!random || data instanceof ByteStrings) return data;
  let state = 1;
  for (let index = 0; index < count; index++) {
    state = (state * 48_271) % 2_147_483_647;
    const part = state / 2_147_483_647;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      data[index] = BigInt(Math.round(part));
    else if (datatype === 'FP16') data[index] = Math.floor(part * ONE_HALF_PRECISION);
    else data[index] = datatype === 'FP32' || datatype === 'FP64' ? part : Math.round(part);
  }
  return data;
}

export function sizesOf({ shape, unknownRank }: TensorSpec, { size, rank }: Trial): number[] {
  const declared: readonly number[] = unknownRank ? Array.from({ length: rank }, () => -1) : shape;
  return declared.map((known, axis) => (known !== -1 ? known : axis === 0 ? 1 : size));
}

/** The same row so many times, in memory of its own, as a run consumes what it is given. */
export function repeated(row: readonly Tensor[], times: number): readonly Tensor[] {
  if (times === 1) return row.map(copyOf);
  return joinInputs(Array.from({ length: times }, () => row));
}

function copyOf({ datatype, shape, data }: Tensor): Tensor {
  const copy = allocate(datatype, data.length);
  if (copy instanceof ByteStrings) copy.setAll(data as ByteStrings, 0);
  else (copy as Uint8Array).set(data as Uint8Array);
  return { datatype, shape, data: copy };
}

function fill(data: TensorData, half: boolean): void {
  if (data instanceof ByteStrings) for (let index = 0; index < data.length; index++) data.set(index, 'a');
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(1n);
  else if (data instanceof Float32Array || data instanceof Float64Array)
    for (const index of data.keys()) data[index] = ((index % 7) + 1) / 8;
  else data.fill(half ? 0x3800 : 1);
}
