/** The values of a feature's list, put into a tensor of the input's own type: exactly, but for halves, which round. */
import { invalid } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { toHalf } from '../../tensors/half.ts';
import type { Datatype, TensorData, TensorSpec } from '../../tensors/tensor.ts';
import { dtypeWord } from './dtypes.ts';

/** What a bytes_list, a float_list and an int64_list hold. */
export type FeatureValues = readonly Buffer[] | Float32Array | BigInt64Array;

interface At {
  readonly spec: TensorSpec;
  readonly row: number;
  /** The element of the tensor that the first value becomes. */
  readonly offset: number;
}

export function isStrings(values: FeatureValues): values is readonly Buffer[] {
  return Array.isArray(values);
}

/** The list is the one that the input's type has. Throws `input_invalid` for a value that does not fit the type. */
export function putValues(values: FeatureValues, data: TensorData, at: At): void {
  if (data instanceof ByteStrings)
    for (const [index, value] of values.entries()) data.set(at.offset + index, value as Buffer);
  else putNumbers(values as Float32Array | BigInt64Array, data, at);
}

type Elements = { [index: number]: number | bigint };

function putNumbers(
  values: Float32Array | BigInt64Array,
  data: Elements,
  { spec: { name, datatype }, row, offset }: At,
): void {
  const put = putterOf(datatype);
  for (const [index, value] of values.entries())
    if (!put(data, offset + index, value))
      throw invalid(`Key: ${name}. The value ${value} does not fit ${dtypeWord(datatype)}`, [
        'examples',
        row,
        name,
        index,
      ]);
}

/** False when the element cannot be the value. */
type Put = (data: Elements, index: number, value: number | bigint) => boolean;

const putFloat: Put = (data, index, value) => {
  data[index] = value;
  return true;
};

const putHalf: Put = (data, index, value) => {
  const number = Number(value);
  data[index] = toHalf(number);
  return Math.abs(number) < 65_520 || !Number.isFinite(number);
};

/** Arrays of 64-bit integers wrap what they are given; so do the others, and these take no bigints. */
const putBigInteger: Put = (data, index, value) => {
  data[index] = value;
  return data[index] === value;
};

const putInteger: Put = (data, index, value) => {
  data[index] = Number(value);
  return BigInt(data[index]) === value;
};

const putBoolean: Put = (data, index, value) => {
  data[index] = Number(value);
  return value === 0n || value === 1n;
};

function putterOf(datatype: Datatype): Put {
  if (datatype === 'FP16') return putHalf;
  if (datatype === 'FP32' || datatype === 'FP64') return putFloat;
  if (datatype === 'INT64' || datatype === 'UINT64') return putBigInteger;
  return datatype === 'BOOL' ? putBoolean : putInteger;
}
